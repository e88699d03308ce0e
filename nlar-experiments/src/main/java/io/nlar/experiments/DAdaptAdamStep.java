package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * Adam with D-Adaptation (Defazio and Mishchenko 2023, arXiv 2301.07733) in the form that its authors' code has since version
 * 3, and by its defaults: rate 1 without a schedule, no bias correction, no weight decay. d is an estimate from below of how
 * far the optimum is from the first values, and never falls:
 *
 * <pre>
 * r ← √β2·r + (1 − √β2)·d·⟨g, s/(√v + ε)⟩ over all tensors, with s and v of the step before
 * m ← β1·m + (1 − β1)·d·g,   v ← β2·v + (1 − β2)·g²,   s ← √β2·s + (1 − √β2)·d·g
 * θ ← θ − m/(√v + ε)
 * d ← max(d, r/((1 − √β2)·‖s‖₁))
 * </pre>
 */
final class DAdaptAdamStep extends ClippedStep {
  /** d0 of the authors' code. */
  static final double DEFAULT_DISTANCE = 1e-6;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double KEEP = Math.sqrt(BETA2);
  private static final double EPSILON = 1e-8;
  /** For people. */
  static final String SETTINGS = "initial rates are d0; factor 1, β1 = " + BETA1 + ", β2 = " + BETA2 + ", ε = " + EPSILON
      + ", no weight decay, no bias correction, no schedule";

  /** A tensor's moments, and its weighted sum of gradients. */
  private record State(NDArray first, NDArray second, NDArray sum) {}

  private final List<State> states = new ArrayList<>();
  private double distance;
  private double correlation;

  /**
   * A step.
   *
   * @param distance d0
   */
  DAdaptAdamStep(double distance) {
    this.distance = distance;
  }

  @Override
  void prepare(List<NDArray> weights) {
    weights.forEach(weight -> states.add(new State(zeros(weight), zeros(weight), zeros(weight))));
  }

  @Override
  void update(List<Parameter> parameters, List<NDArray> gradients, NDManager scope) {
    double product = 0;
    double length = 0;
    for (int i = 0; i < gradients.size(); i++) {
      NDArray gradient = gradients.get(i);
      State state = states.get(i);
      product += sum(in(scope, state.sum.div(root(state, scope))).muli(gradient));
      state.first.muli(BETA1).addi(in(scope, gradient.mul(distance * (1 - BETA1))));
      state.second.muli(BETA2).addi(in(scope, gradient.square()).muli(1 - BETA2));
      state.sum.muli(KEEP).addi(in(scope, gradient.mul(distance * (1 - KEEP))));
      length += sum(in(scope, state.sum.abs()));
    }
    if (length == 0) {
      return; // no gradient yet but zeros
    }
    correlation = KEEP * correlation + (1 - KEEP) * distance * product;
    distance = Math.max(distance, correlation / ((1 - KEEP) * length));
    for (int i = 0; i < gradients.size(); i++) {
      State state = states.get(i);
      parameters.get(i).getArray().subi(in(scope, state.first.div(root(state, scope))));
    }
  }

  private static NDArray root(State state, NDManager scope) {
    return in(scope, state.second.sqrt()).addi(EPSILON);
  }

  /** d. */
  @Override
  public double[] rateQuartiles() {
    return new double[] {distance, distance, distance};
  }
}
