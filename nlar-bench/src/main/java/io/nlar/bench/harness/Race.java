package io.nlar.bench.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Times contestants in turns. All are verified first; then warmed up in turns too, each for the same time, again and again
 * until none gets faster any more (a compiler that works in the background may take long on a busy machine); then sampled
 * round by round.
 */
public final class Race {
  private static final int FEWEST_WARM_UPS = 2;
  private static final int MOST_WARM_UPS = 12;
  /** Who is faster than this share of the time before has not settled. */
  private static final double SETTLED = 0.9;

  private static final int GROWTH = 4;

  private final RaceSettings settings;
  private final LongSupplier clock;

  /** A race by the system's clock. */
  public Race(RaceSettings settings) {
    this(settings, System::nanoTime);
  }

  /** A race by a given clock in nanoseconds. */
  Race(RaceSettings settings, LongSupplier clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** Hears how a race goes on: {@code at} names what comes next, {@code fraction} is how much of the race is done. */
  @FunctionalInterface
  public interface Listener {
    void at(String what, double fraction);
  }

  /**
   * Runs the race.
   *
   * @throws VerificationException if a contestant computes something wrong; nothing is timed then
   */
  public List<Samples> run(List<? extends Contestant> contestants, Listener listener) {
    int phases = contestants.size() * (1 + FEWEST_WARM_UPS + settings.rounds());
    int phase = 0;
    for (Contestant contestant : contestants) {
      listener.at("checks " + contestant.name(), (double) phase++ / phases);
      contestant.verify();
    }
    long[] repetitions = new long[contestants.size()];
    double[] fastest = new double[contestants.size()];
    Arrays.fill(fastest, Double.POSITIVE_INFINITY);
    boolean settled = false;
    for (int pass = 0; pass < FEWEST_WARM_UPS || !settled && pass < MOST_WARM_UPS; pass++) {
      settled = true;
      for (int i = 0; i < repetitions.length; i++) {
        listener.at("warms up " + contestants.get(i).name(), (double) phase / phases);
        phase += pass < FEWEST_WARM_UPS ? 1 : 0;
        double nanos = warmUp(contestants.get(i));
        settled &= nanos >= SETTLED * fastest[i];
        fastest[i] = Math.min(fastest[i], nanos);
        repetitions[i] = Math.max(1, (long) Math.ceil(settings.sample().toNanos() / fastest[i]));
      }
    }
    double[][] nanos = new double[contestants.size()][settings.rounds()];
    for (int round = 0; round < settings.rounds(); round++) {
      for (int i = 0; i < nanos.length; i++) {
        listener.at("times " + contestants.get(i).name(), (double) phase++ / phases);
        rest(settings.pause());
        nanos[i][round] = sample(contestants.get(i), repetitions[i]) / (double) repetitions[i];
      }
    }
    List<Samples> samples = new ArrayList<>();
    for (int i = 0; i < nanos.length; i++) {
      samples.add(new Samples(contestants.get(i).name(), repetitions[i], nanos[i]));
    }
    return samples;
  }

  /** Runs for the time of a warm-up, ever more at once until a sample is long enough; returns the least time of a run. */
  private double warmUp(Contestant contestant) {
    long end = clock.getAsLong() + settings.warmUp().toNanos();
    long sample = settings.sample().toNanos();
    double fastest = Double.POSITIVE_INFINITY;
    long times = 1;
    do {
      double nanos = Math.max(1, sample(contestant, times)) / (double) times;
      fastest = Math.min(fastest, nanos);
      times = Math.max(1, Math.min(times * GROWTH, (long) Math.ceil(sample / nanos)));
    } while (clock.getAsLong() < end);
    return fastest;
  }

  private long sample(Contestant contestant, long times) {
    long start = clock.getAsLong();
    contestant.run(times);
    return clock.getAsLong() - start;
  }

  private static void rest(Duration pause) {
    if (!pause.isZero()) {
      LockSupport.parkNanos(pause.toNanos());
    }
  }
}
