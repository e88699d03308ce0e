package io.nlar.experiments;

import ai.djl.nn.Parameter;
import java.util.List;

/** An optimizer in the training loop. */
interface TrainingStep extends AutoCloseable {
  /** Updates the parameters from their gradients, and zeroes these. */
  void step(List<Parameter> parameters);

  /** Puts the values to evaluate in the parameters' place, where they are others. */
  default void evaluate() {}

  /** Goes back to those that gradients are taken at. */
  default void train() {}

  /** Euclidean norm of the last step's gradients over all parameters, before they were scaled; NaN where none was taken. */
  double norm();

  /** How many steps were skipped for gradients that were not finite. */
  default long skipped() {
    return 0;
  }

  /**
   * Tells the learning rates of all parameters, in no particular order; perhaps of none before the first step. Here all
   * have the same.
   *
   * @param parameters those that {@link #step} updates
   */
  default void rates(List<Parameter> parameters, RateSink sink) {
    sink.add(rateQuartiles()[1], parameters.stream().mapToLong(parameter -> parameter.getArray().size()).sum());
  }

  /** First quartile, median and third quartile of the parameters' learning rates. */
  double[] rateQuartiles();

  @Override
  void close();
}
