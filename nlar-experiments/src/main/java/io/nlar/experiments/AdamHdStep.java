package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
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
final class AdamHdStep extends ClippedStep {
  /** α at first of the paper's experiments, which take β = 1e-7 with it. */
  static final double DEFAULT_RATE = 1e-3;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** First and second moments of a tensor, and its direction of the previous step. */
  private record Moments(NDArray first, NDArray second, NDArray direction) {}

  private final double hyperRate;
  private final List<Moments> moments = new ArrayList<>();
  private double rate;
  private int t;

  AdamHdStep(double rate, double hyperRate) {
    this.rate = rate;
    this.hyperRate = hyperRate;
  }

  @Override
  void prepare(List<NDArray> weights) {
    weights.forEach(weight -> moments.add(new Moments(zeros(weight), zeros(weight), zeros(weight))));
  }

  @Override
  void update(List<Parameter> parameters, List<NDArray> gradients, NDManager scope) {
    double h = 0;
    for (int i = 0; i < gradients.size(); i++) {
      h += sum(in(scope, moments.get(i).direction.mul(gradients.get(i))));
    }
    rate += hyperRate * h;
    t++;
    for (int i = 0; i < gradients.size(); i++) {
      update(parameters.get(i).getArray(), gradients.get(i), moments.get(i), scope);
    }
  }

  private void update(NDArray weight, NDArray gradient, Moments m, NDManager scope) {
    m.first.muli(BETA1).addi(in(scope, gradient.mul(1 - BETA1)));
    m.second.muli(BETA2).addi(in(scope, gradient.square()).muli(1 - BETA2));
    NDArray unbiased = in(scope, m.second.div(1 - Math.pow(BETA2, t)));
    NDArray root = in(scope, unbiased.sqrt()).addi(EPSILON);
    m.first.copyTo(m.direction);
    m.direction.divi(1 - Math.pow(BETA1, t)).divi(root);
    weight.subi(in(scope, m.direction.mul(rate)));
  }

  @Override
  public double[] rateQuartiles() {
    return new double[] {rate, rate, rate};
  }
}
