package io.nlar.testkit;

import io.nlar.Lion;
import io.nlar.StepConfig;

/** Lion: docs/numerics.md, "Lion". */
final class ReferenceLion extends ReferenceRule {
  private static final int MEAN = 0;

  private final double learningRate;
  private final double stepSize;
  private final double[] inDirection;
  private final double[] inMean;

  ReferenceLion(Lion rule, StepConfig config, Arithmetic arithmetic, double k) {
    super(config, arithmetic);
    learningRate = T.round(rule.learningRate());
    stepSize = T.round(rule.learningRate() * k);
    inDirection = new double[] {T.round(rule.beta1()), T.round(1 - rule.beta1())};
    inMean = new double[] {T.round(rule.beta2()), T.round(1 - rule.beta2())};
  }

  /** The scalars of the step, in the order of docs/numerics.md. */
  double[] scalars() {
    return new double[] {stepSize, inDirection[0], inDirection[1], inMean[0], inMean[1]};
  }

  private double mixed(double[] weights, double f) {
    return T.add(T.mul(state[MEAN], weights[0]), T.mul(weights[1], f));
  }

  @Override
  void update(double f, double noise) {
    double c = mixed(inDirection, f);
    double d = c;
    if (c > 0) {
      d = stepSize;
    } else if (c < 0) {
      d = -stepSize;
    }
    theta = T.sub(theta, d);
    state[MEAN] = mixed(inMean, f);
  }

  @Override
  double start(int slot) {
    return 0;
  }

  @Override
  double learningRate() {
    return learningRate;
  }
}
