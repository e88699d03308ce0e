package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * RMSProp and Adagrad, which DJL has but not for its PyTorch engine: θ ← θ − α·g/(√v + ε) with v ← ρ·v + (1 − ρ)·g² for
 * RMSProp (Tieleman and Hinton 2012) and v ← v + g² for Adagrad (Duchi et al. 2011).
 */
final class SquaresStep extends ClippedStep {
  /** α of Tieleman and Hinton's lecture. */
  static final double RMS_PROP_RATE = 1e-3;
  /** α of PyTorch's Adagrad; the paper names none. */
  static final double ADAGRAD_RATE = 1e-2;
  private static final double EPSILON = 1e-8;

  private final double rate;
  private final double keep;
  private final double take;
  private final List<NDArray> squares = new ArrayList<>();

  private SquaresStep(double rate, double keep, double take) {
    this.rate = rate;
    this.keep = keep;
    this.take = take;
  }

  static SquaresStep rmsProp(double rate) {
    return new SquaresStep(rate, 0.9, 0.1);
  }

  static SquaresStep adagrad(double rate) {
    return new SquaresStep(rate, 1, 1);
  }

  @Override
  void prepare(List<NDArray> weights) {
    weights.forEach(weight -> squares.add(zeros(weight)));
  }

  @Override
  void update(List<Parameter> parameters, List<NDArray> gradients, NDManager scope) {
    for (int i = 0; i < gradients.size(); i++) {
      NDArray gradient = gradients.get(i);
      NDArray square = squares.get(i);
      square.muli(keep).addi(in(scope, gradient.square()).muli(take));
      NDArray root = in(scope, square.sqrt()).addi(EPSILON);
      parameters.get(i).getArray().subi(in(scope, gradient.div(root)).muli(rate));
    }
  }

  @Override
  public double[] rateQuartiles() {
    return new double[] {rate, rate, rate};
  }
}
