package io.nlar.bench.command;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The time of several tasks: each gets as much of what is left as its weight has of all weights left, so that what one
 * saves or overruns is shared by the later ones.
 */
final class TimeBudget {
  private final LongSupplier clock;
  private final long end;
  private double weights;

  /** A budget that starts now. */
  TimeBudget(Duration whole, double weights) {
    this(whole, weights, System::nanoTime);
  }

  TimeBudget(Duration whole, double weights, LongSupplier clock) {
    this.clock = clock;
    this.end = clock.getAsLong() + whole.toNanos();
    this.weights = weights;
  }

  /** The share of the next task; zero or negative if nothing is left. */
  Duration next(double weight) {
    double share = weight / weights;
    weights -= weight;
    return Duration.ofNanos((long) ((end - clock.getAsLong()) * Math.min(1, share)));
  }
}
