package io.nlar.bench.command;

import io.nlar.bench.harness.RaceSettings;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How much a benchmark compares, and how long it takes. */
final class BenchExtent {
  private static final long SEED = 1;
  private static final Duration REST = Duration.ofMillis(1);
  /** What remains of a minute is for the start of Java, the chart, and races that overrun. */
  private static final Duration QUICK = Duration.ofSeconds(50);

  @Option(names = "--quick", description = "The main variants at three sizes, in less than a minute.")
  private boolean quick;

  @Option(names = "--full", description = "Every variant at every size from 1 Ki to 256 Mi; takes long.")
  private boolean full;

  Programme.Extent extent() {
    return quick ? Programme.Extent.QUICK : full ? Programme.Extent.FULL : Programme.Extent.STANDARD;
  }

  /** How a race is run; its budget is the longest that one may take. */
  RaceSettings settings() {
    return switch (extent()) {
      case QUICK -> settings(15, 100, 4, Duration.ofSeconds(15));
      case STANDARD -> settings(31, 250, 10, Duration.ofSeconds(90));
      case FULL -> settings(51, 500, 20, Duration.ofMinutes(3));
    };
  }

  private static RaceSettings settings(int rounds, long warmUpMillis, long sampleMillis, Duration budget) {
    return new RaceSettings(
        rounds, Duration.ofMillis(warmUpMillis), Duration.ofMillis(sampleMillis), REST, budget, SEED);
  }

  /** Time for all of {@code races} races. */
  Duration whole(int races) {
    return quick ? QUICK : settings().budget().multipliedBy(races);
  }
}
