/** Lion (docs/numerics.md, "Lion"). */
final class Lion extends Element {
  // Scalars, in the order of io.nlar.spi.LionPlan: lambda k, beta1, 1 - beta1, beta2, 1 - beta2.
  real eta, meanWeight, gradientWeight, meanDecay, meanShare;

  int MEAN = 0;

  void update() {
    real f = f0;
    real m = load(MEAN);
    real mixed = m * meanWeight + gradientWeight * f;
    store(MEAN, m * meanDecay + meanShare * f);
    // eta times the sign; what is neither above nor below 0 is a zero, or a NaN that shall be seen.
    theta = theta - (0 < mixed ? eta : mixed < 0 ? -eta : mixed);
  }
}
