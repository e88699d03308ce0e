/** What the rules with an averaged value share: Schedule-Free's step on Adam's direction (docs/numerics.md, "Averaged rules"). */
abstract class Averaged extends Element {
  // Scalars, in the order of io.nlar.spi.AveragedPlan: beta c, ((1 - beta) + beta c) alpha, 1 - c, alpha, the root of
  // 1 - beta2^t, beta2, 1 - beta2, epsilon.
  real pull, stride, share, alpha, root, squareDecay, squareShare, epsilon;

  int VELOCITY = 0;
  int SQUARE = 1;

  /** Weight decay is a part of the step. */
  void lessen() {}

  /** What is kept of d and v for the sums over a parameter. */
  abstract void observed();

  void update() {
    real f = f0;
    real q = load(SQUARE) * squareDecay + squareShare * f * f;
    store(SQUARE, q);
    real d = f / (sqrt(q) / root + epsilon);
    real v = load(VELOCITY);
    observed();
    real u = d;
    if (WEIGHT_DECAY) {
      u = d + decay * theta;
    }
    theta = theta + pull * v - stride * u;
    store(VELOCITY, share * (v - alpha * u));
  }
}
