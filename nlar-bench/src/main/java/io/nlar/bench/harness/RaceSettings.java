package io.nlar.bench.harness;

import java.time.Duration;

/**
 * How long a race goes on.
 *
 * @param rounds rounds that are run if the budget lets them, each of one sample of every contestant but the slowest; at
 *     least {@link Interval#FEWEST}
 * @param warmUp time for which each contestant runs at a time beforehand, the same for all
 * @param sample least time of a sample: short work is repeated until it takes that long
 * @param pause rest before each sample, in which threads of the contestant before fall asleep
 * @param budget time for all of it: checks, warm-up, and rounds until the ratios are precise enough; overrun where checks
 *     and warm-up leave less than half of it for the rounds, and by the fewest rounds that an interval takes
 * @param seed of the order in which contestants take turns
 */
public record RaceSettings(
    int rounds, Duration warmUp, Duration sample, Duration pause, Duration budget, long seed) {
  public RaceSettings {
    if (rounds < Interval.FEWEST) {
      throw new IllegalArgumentException(
          "a race takes at least " + Interval.FEWEST + " rounds for its 95 % intervals, not " + rounds);
    }
  }

  /** The same with another budget. */
  public RaceSettings withBudget(Duration budget) {
    return new RaceSettings(rounds, warmUp, sample, pause, budget, seed);
  }
}
