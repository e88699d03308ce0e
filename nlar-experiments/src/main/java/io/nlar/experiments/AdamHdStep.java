package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * Adam with hypergradient descent on its learning rate α (Baydin et al. 2018, "Online Learning Rate Adaptation with
 * Hypergradient Descent", algorithm 6), behind clipping by the global norm:
 *
 * <pre>
 * h = Σ over tensors of ⟨g, d⟩,   d = m̂/(√v̂ + ε) of the previous step, 0 at first
 * α ← α + β·h
 * m ← β1·m + (1 − β1)·g,   v ← β2·v + (1 − β2)·g²,   m̂ = m/(1 − β1ᵗ),   v̂ = v/(1 − β2ᵗ)
 * θ ← θ − α·m̂/(√v̂ + ε)
 * </pre>
 */
final class AdamHdStep implements TrainingStep {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** First and second moments of a tensor, and its direction of the previous step. */
  private record Moments(NDArray first, NDArray second, NDArray direction) {}

  private final double hyperRate;
  private final List<Moments> moments = new ArrayList<>();
  private NDManager manager;
  private double rate;
  private int t;

  AdamHdStep(double rate, double hyperRate) {
    this.rate = rate;
    this.hyperRate = hyperRate;
  }

  @Override
  public void step(List<Parameter> parameters) {
    if (manager == null) {
      manager = parameters.getFirst().getArray().getManager().newSubManager();
      for (Parameter parameter : parameters) {
        moments.add(new Moments(zeros(parameter), zeros(parameter), zeros(parameter)));
      }
    }
    List<NDArray> gradients = new ArrayList<>();
    for (Parameter parameter : parameters) {
      gradients.add(parameter.getArray().getGradient());
    }
    GradientClip.apply(gradients);
    try (NDManager scope = manager.newSubManager()) {
      double h = 0;
      for (int i = 0; i < gradients.size(); i++) {
        NDArray product = moments.get(i).direction.mul(gradients.get(i));
        product.attach(scope);
        h += product.sum().toType(DataType.FLOAT64, false).getDouble();
      }
      rate += hyperRate * h;
      t++;
      for (int i = 0; i < gradients.size(); i++) {
        update(parameters.get(i).getArray(), gradients.get(i), moments.get(i), scope);
      }
    }
    for (NDArray gradient : gradients) {
      gradient.subi(gradient);
      gradient.close();
    }
  }

  private NDArray zeros(Parameter parameter) {
    NDArray array = parameter.getArray();
    return manager.zeros(array.getShape(), array.getDataType());
  }

  private void update(NDArray weight, NDArray gradient, Moments m, NDManager scope) {
    NDArray g = gradient.mul(1 - BETA1);
    g.attach(scope);
    m.first.muli(BETA1).addi(g);
    NDArray square = gradient.square();
    square.attach(scope);
    m.second.muli(BETA2).addi(square.muli(1 - BETA2));
    NDArray denominator = m.second.div(1 - Math.pow(BETA2, t));
    denominator.attach(scope);
    NDArray root = denominator.sqrt().addi(EPSILON);
    m.first.copyTo(m.direction);
    m.direction.divi(1 - Math.pow(BETA1, t)).divi(root);
    NDArray change = m.direction.mul(rate);
    change.attach(scope);
    weight.subi(change);
  }

  @Override
  public double[] rateQuartiles() {
    return new double[] {rate, rate, rate};
  }

  @Override
  public void close() {
    if (manager != null) {
      manager.close();
    }
  }
}
