/**
 * The commands {@code train}, {@code sweep} and {@code ablate}: Nlar against its peers on real data, on DJL's PyTorch
 * engine, with tables, pictures and a report.
 *
 * <p>An {@link io.nlar.experiments.Experiment} names what is learned by which network, {@link io.nlar.experiments.Task}
 * has the data for it, mostly as a {@link io.nlar.experiments.Problem} of batches with an
 * {@link io.nlar.experiments.Objective}, {@link io.nlar.experiments.OptimizerChoice} is an optimizer, {@link io.nlar.experiments.Variation}
 * what varies in it, {@link io.nlar.experiments.RunKey} one training run, {@link io.nlar.experiments.EpochRecord} what is
 * kept of an epoch, {@link io.nlar.experiments.Measure} what it is scored by. {@link io.nlar.experiments.Training} does a
 * run, {@link io.nlar.experiments.Campaign} all of them. {@link io.nlar.experiments.Findings} are the results in words and
 * tables, a {@link io.nlar.experiments.Figure} is a picture before it is drawn: by {@link io.nlar.experiments.Pictures} as
 * PNG, and by {@link io.nlar.experiments.Interaction} in the browser.
 */
package io.nlar.experiments;
