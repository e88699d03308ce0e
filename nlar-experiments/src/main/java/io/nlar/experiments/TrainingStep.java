package io.nlar.experiments;

import ai.djl.nn.Parameter;
import java.util.List;

/** An optimizer in the training loop. */
interface TrainingStep extends AutoCloseable {
  /** Updates the parameters from their gradients, and zeroes these. */
  void step(List<Parameter> parameters);

  /** First quartile, median and third quartile of the parameters' learning rates. */
  double[] rateQuartiles();

  @Override
  void close();
}
