package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.List;

/** One of DJL's own optimizers, behind clipping by the global norm. */
final class DjlStep implements TrainingStep {
  private final Optimizer optimizer;
  private final double rate;

  DjlStep(Optimizer optimizer, double rate) {
    this.optimizer = optimizer;
    this.rate = rate;
  }

  @Override
  public void step(List<Parameter> parameters) {
    List<NDArray> gradients = new ArrayList<>();
    for (Parameter parameter : parameters) {
      gradients.add(parameter.getArray().getGradient());
    }
    GradientClip.apply(gradients);
    for (int i = 0; i < gradients.size(); i++) {
      Parameter parameter = parameters.get(i);
      optimizer.update(parameter.getId(), parameter.getArray(), gradients.get(i));
    }
    gradients.forEach(NDArray::close);
  }

  @Override
  public double[] rateQuartiles() {
    return new double[] {rate, rate, rate};
  }

  @Override
  public void close() {
    // DJL's optimizers keep their state until they are collected.
  }
}
