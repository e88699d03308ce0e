package io.nlar.experiments;

/**
 * One training run of a campaign.
 *
 * @param value value of the setting that a sweep varies; empty in {@code train}
 * @param optimizer the optimizer's name
 * @param rate initial learning rate; NaN for the optimizer's default
 * @param seed seed of initial weights of the order of examples, and of noise
 */
record RunKey(String value, String optimizer, double rate, long seed) {

  /** The optimizer. */
  OptimizerChoice choice() {
    return new OptimizerChoice(optimizer);
  }

  /** The initial learning rate as a number. */
  double initialRate() {
    return choice().rate(rate);
  }

  /** For people, on one line. */
  @Override
  public String toString() {
    return (value.isEmpty() ? "" : value + " ") + optimizer + " rate " + Numbers.rate(rate) + " seed " + seed;
  }
}
