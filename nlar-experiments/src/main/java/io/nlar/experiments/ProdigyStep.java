package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * Prodigy (Mishchenko and Defazio 2023, arXiv 2306.06101, section 5: Adam's form) as its authors' code has it by default: rate
 * 1 without a schedule, no bias correction, no weight decay, β3 = √β2. d estimates how far the optimum is from the first
 * values θ0, and never falls:
 *
 * <pre>
 * r ← β3·r + d²/d0·⟨g, θ0 − θ⟩ over all tensors,   s ← β3·s + d²/d0·g
 * m ← β1·m + (1 − β1)·d·g,   v ← β2·v + (1 − β2)·d²·g²
 * d' = max(d, r/‖s‖₁)
 * θ ← θ − d·m/(√v + d'·ε),   d ← d'
 * </pre>
 */
final class ProdigyStep extends ClippedStep {
  /** d0 of the authors' code. */
  static final double DEFAULT_DISTANCE = 1e-6;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double BETA3 = Math.sqrt(BETA2);
  private static final double EPSILON = 1e-8;
  /** For people. */
  static final String SETTINGS = "initial rates are d0; factor 1, β1 = " + BETA1 + ", β2 = " + BETA2 + ", ε = " + EPSILON
      + ", no weight decay, no bias correction, no schedule";

  /** A tensor's first values, its moments, and its weighted sum of gradients. */
  private record State(NDArray start, NDArray first, NDArray second, NDArray sum) {}

  private final double firstDistance;
  private final List<State> states = new ArrayList<>();
  private double distance;
  private double correlation;

  /**
   * A step.
   *
   * @param distance d0
   */
  ProdigyStep(double distance) {
    this.firstDistance = distance;
    this.distance = distance;
  }

  @Override
  void prepare(List<NDArray> weights) {
    weights.forEach(weight -> states.add(new State(copy(weight), zeros(weight), zeros(weight), zeros(weight))));
  }

  @Override
  void update(List<Parameter> parameters, List<NDArray> gradients, NDManager scope) {
    double weight = distance / firstDistance * distance;
    double product = 0;
    double length = 0;
    for (int i = 0; i < gradients.size(); i++) {
      NDArray gradient = gradients.get(i);
      State state = states.get(i);
      product += sum(in(scope, state.start.sub(parameters.get(i).getArray())).muli(gradient));
      state.first.muli(BETA1).addi(in(scope, gradient.mul(distance * (1 - BETA1))));
      state.second.muli(BETA2).addi(in(scope, gradient.square()).muli(distance * distance * (1 - BETA2)));
      state.sum.muli(BETA3).addi(in(scope, gradient.mul(weight)));
      length += sum(in(scope, state.sum.abs()));
    }
    if (length == 0) {
      return; // no gradient yet but zeros
    }
    correlation = BETA3 * correlation + weight * product;
    double next = Math.max(distance, correlation / length);
    for (int i = 0; i < gradients.size(); i++) {
      State state = states.get(i);
      NDArray root = in(scope, state.second.sqrt()).addi(next * EPSILON);
      parameters.get(i).getArray().subi(in(scope, state.first.div(root)).muli(distance));
    }
    distance = next;
  }

  /** d. */
  @Override
  public double[] rateQuartiles() {
    return new double[] {distance, distance, distance};
  }
}
