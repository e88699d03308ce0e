/**
 * The commands {@code train} and {@code sweep}: Nlar against its peers on real data, on DJL's PyTorch engine, with tables,
 * pictures and a report.
 *
 * <p>An {@link io.nlar.experiments.Experiment} names data and network, {@link io.nlar.experiments.OptimizerChoice} an
 * optimizer, {@link io.nlar.experiments.RunKey} one training run, {@link io.nlar.experiments.EpochRecord} what is kept of an
 * epoch; {@link io.nlar.experiments.Training} does a run, {@link io.nlar.experiments.Campaign} all of them.
 */
package io.nlar.experiments;
