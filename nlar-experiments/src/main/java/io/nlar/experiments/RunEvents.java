package io.nlar.experiments;

import ai.djl.nn.Parameter;
import io.nlar.cli.CommandFailedException;
import io.nlar.cli.OutputFile;
import io.nlar.experiments.tensorboard.EventFile;
import io.nlar.experiments.tensorboard.Histogram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes what happens in a run to an event file for TensorBoard. */
final class RunEvents implements RunObserver {
  static final String BATCH_LOSS = "batch/loss";
  static final String NORM = "batch/norm_before_scaling";
  static final String LOSS = "epoch/loss";
  static final String SKIPPED = "epoch/skipped_steps";
  static final String RATES = "learning_rates/as_they_are";
  static final String LOGARITHMS = "learning_rates/log10";

  private final Path run;
  private final Measure measure;
  private final EventFile file;
  private long batches;

  private RunEvents(Path run, Measure measure, EventFile file) {
    this.run = run;
    this.measure = measure;
    this.file = file;
  }

  /**
   * Begins the file of a run.
   *
   * @param folder of all runs
   */
  static RunEvents create(Path folder, RunKey key, Measure measure) {
    Path run = run(folder, key);
    try {
      return new RunEvents(run, measure, EventFile.create(run));
    } catch (IOException failure) {
      throw failed(run, failure);
    }
  }

  /** The folder of a run; TensorBoard names the run by it. */
  static Path run(Path folder, RunKey key) {
    String series = (key.optimizer() + (key.value().isEmpty() ? "" : "-" + key.value())).replaceAll("[^\\w.-]", "_");
    return folder.resolve(series).resolve("rate-" + Numbers.rate(key.rate())).resolve("seed-" + key.seed());
  }

  /** The tag of a score: {@code epoch/test_accuracy}. */
  static String score(Measure measure, String of) {
    return "epoch/" + of + "_" + measure.column();
  }

  @Override
  public void batch(double loss, TrainingStep step) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    scalars.put(BATCH_LOSS, loss);
    double norm = step.norm();
    if (!Double.isNaN(norm)) {
      scalars.put(NORM, norm);
    }
    add(++batches, scalars, Map.of());
  }

  @Override
  public void epoch(EpochRecord record, TrainingStep step, List<Parameter> parameters) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    scalars.put(LOSS, record.loss());
    scalars.put(score(measure, "training"), record.trainingScore());
    scalars.put(score(measure, "test"), record.testScore());
    scalars.put(SKIPPED, (double) step.skipped());
    Histogram rates = new Histogram(Histogram.Grid.DECADES);
    Histogram logarithms = new Histogram(Histogram.Grid.LINEAR);
    step.rates(parameters, (rate, times) -> {
      rates.add(rate, times);
      logarithms.add(Math.log10(Math.abs(rate)), times);
    });
    add(record.epoch(), scalars, Map.of(RATES, rates, LOGARITHMS, logarithms));
    try {
      file.flush();
    } catch (IOException failure) {
      throw failed(run, failure);
    }
  }

  private void add(long at, Map<String, Double> scalars, Map<String, Histogram> histograms) {
    try {
      file.add(at, scalars, histograms);
    } catch (IOException failure) {
      throw failed(run, failure);
    }
  }

  private static CommandFailedException failed(Path run, IOException failure) {
    return new CommandFailedException("cannot write events for TensorBoard to " + run + ": " + OutputFile.reason(failure)
        + "; give another folder with --tensorboard, or leave it out", failure);
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException failure) {
      throw failed(run, failure);
    }
  }
}
