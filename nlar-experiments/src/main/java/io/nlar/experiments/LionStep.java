package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * Lion (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", algorithm 2) as its authors' code has it by
 * default, without weight decay:
 *
 * <pre>
 * θ ← θ − α·sign(β1·m + (1 − β1)·g)
 * m ← β2·m + (1 − β2)·g
 * </pre>
 */
final class LionStep extends ClippedStep {
  /** α of the authors' code. */
  static final double DEFAULT_RATE = 1e-4;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.99;
  /** For people. */
  static final String SETTINGS = "β1 = " + BETA1 + ", β2 = " + BETA2 + ", no weight decay, constant rate";

  private final double rate;
  private final List<NDArray> momenta = new ArrayList<>();

  LionStep(double rate) {
    this.rate = rate;
  }

  @Override
  void prepare(List<NDArray> weights) {
    weights.forEach(weight -> momenta.add(zeros(weight)));
  }

  @Override
  void update(List<Parameter> parameters, List<NDArray> gradients, NDManager scope) {
    for (int i = 0; i < gradients.size(); i++) {
      NDArray gradient = gradients.get(i);
      NDArray momentum = momenta.get(i);
      NDArray mixed = in(scope, momentum.mul(BETA1)).addi(in(scope, gradient.mul(1 - BETA1)));
      parameters.get(i).getArray().subi(in(scope, mixed.sign()).muli(rate));
      momentum.muli(BETA2).addi(in(scope, gradient.mul(1 - BETA2)));
    }
  }

  @Override
  public double[] rateQuartiles() {
    return new double[] {rate, rate, rate};
  }
}
