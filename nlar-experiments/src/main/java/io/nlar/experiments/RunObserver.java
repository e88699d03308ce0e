package io.nlar.experiments;

import ai.djl.nn.Parameter;
import java.util.List;

/** Looks on while a run trains. */
interface RunObserver extends AutoCloseable {
  /** Nobody. */
  RunObserver NONE = new RunObserver() {
    @Override
    public void batch(double loss, TrainingStep step) {
      // does not look
    }

    @Override
    public void epoch(EpochRecord record, TrainingStep step, List<Parameter> parameters) {
      // does not look
    }

    @Override
    public void close() {
      // has nothing
    }
  };

  /** An update was done, from a batch of this loss. */
  void batch(double loss, TrainingStep step);

  /** An epoch was recorded. */
  void epoch(EpochRecord record, TrainingStep step, List<Parameter> parameters);

  @Override
  void close();
}
