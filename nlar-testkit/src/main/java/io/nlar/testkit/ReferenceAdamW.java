package io.nlar.testkit;

import io.nlar.AdamW;
import io.nlar.StepConfig;

/** AdamW and NAdamW: docs/numerics.md, "AdamW". */
final class ReferenceAdamW extends ReferenceRule {
  private static final int MEAN = 0;
  private static final int SQUARE = 1;

  private final boolean nesterov;
  private final double learningRate;
  private final double stepSize;
  private final double root;
  private final double meanShare;
  private final double squareDecay;
  private final double squareShare;
  private final double epsilon;

  ReferenceAdamW(AdamW rule, StepConfig config, Arithmetic arithmetic, long t, double k) {
    super(config, arithmetic);
    nesterov = rule.nesterov();
    learningRate = T.round(rule.learningRate());
    stepSize = T.round((rule.learningRate() * k) / (1 - power(rule.beta1(), t)));
    root = T.round(Math.sqrt(1 - power(rule.beta2(), t)));
    meanShare = T.round(1 - rule.beta1());
    squareDecay = T.round(rule.beta2());
    squareShare = T.round(1 - rule.beta2());
    epsilon = T.round(rule.epsilon());
  }

  /** xᵗ: the product of x^(2^i) over the bits i of t, from the lowest on. */
  static double power(double x, long t) {
    double product = 1;
    double square = x;
    for (int bit = 0; bit < Long.SIZE - Long.numberOfLeadingZeros(t); bit++) {
      if ((t >> bit & 1) == 1) {
        product = product * square;
      }
      square = square * square;
    }
    return product;
  }

  /** The scalars of the step, in the order of docs/numerics.md. */
  double[] scalars() {
    return new double[] {stepSize, root, meanShare, squareDecay, squareShare, epsilon};
  }

  @Override
  void update(double f, double noise) {
    double m = T.add(state[MEAN], T.mul(T.sub(f, state[MEAN]), meanShare));
    double q = T.add(T.mul(state[SQUARE], squareDecay), T.mul(T.mul(squareShare, f), f));
    double denominator = T.add(T.div(T.sqrt(q), root), epsilon);
    double ahead = nesterov ? T.add(m, T.mul(T.sub(f, m), meanShare)) : m;
    theta = T.sub(theta, T.mul(stepSize, T.div(ahead, denominator)));
    state[MEAN] = m;
    state[SQUARE] = q;
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
