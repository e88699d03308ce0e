/** AdamW, and NAdamW as its form (docs/numerics.md, "AdamW"). */
final class AdamW extends Element {
  // Scalars, in the order of io.nlar.spi.AdamWPlan: eta, the root of 1 - beta2^t, 1 - beta1, beta2, 1 - beta2, epsilon.
  real eta, root, meanShare, squareDecay, squareShare, epsilon;

  boolean NESTEROV = FORM.equals("nesterov");

  int MEAN = 0;
  int SQUARE = 1;

  void update() {
    real f = f0;
    real m0 = load(MEAN);
    real m = m0 + (f - m0) * meanShare;
    store(MEAN, m);
    real q = load(SQUARE) * squareDecay + squareShare * f * f;
    store(SQUARE, q);
    real direction = m;
    if (NESTEROV) {
      direction = m + (f - m) * meanShare;
    }
    theta = theta - eta * (direction / (sqrt(q) / root + epsilon));
  }
}
