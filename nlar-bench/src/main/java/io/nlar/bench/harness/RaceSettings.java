package io.nlar.bench.harness;

import java.time.Duration;

/**
 * How long a race goes on.
 *
 * @param rounds turns, each of one sample per contestant; at least {@link Interval#FEWEST}
 * @param warmUp time for which each contestant runs at a time beforehand, the same for all
 * @param sample least time of a sample: short work is repeated until it takes that long
 * @param pause rest before each sample, in which threads of the contestant before fall asleep
 */
public record RaceSettings(int rounds, Duration warmUp, Duration sample, Duration pause) {
  public RaceSettings {
    if (rounds < Interval.FEWEST) {
      throw new IllegalArgumentException(
          "a race takes at least " + Interval.FEWEST + " rounds for its 95 % intervals, not " + rounds);
    }
  }
}
