package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** One of DJL's own optimizers. */
final class DjlStep extends ClippedStep {
  private final Optimizer optimizer;
  private final double rate;

  /**
   * A step of an optimizer.
   *
   * @param optimizer makes it, given what holds its state
   */
  DjlStep(Function<Supplier<NDManager>, Optimizer> optimizer, double rate) {
    this.optimizer = optimizer.apply(this::manager);
    this.rate = rate;
  }

  @Override
  void prepare(List<NDArray> weights) {
    // DJL's optimizers make their state themselves.
  }

  @Override
  void update(List<Parameter> parameters, List<NDArray> gradients, NDManager scope) {
    for (int i = 0; i < gradients.size(); i++) {
      Parameter parameter = parameters.get(i);
      optimizer.update(parameter.getId(), parameter.getArray(), gradients.get(i));
    }
  }

  @Override
  public double[] rateQuartiles() {
    return new double[] {rate, rate, rate};
  }
}
