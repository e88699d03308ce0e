package io.nlar.bench.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Times contestants in turns. All are verified first, then warmed up for the same time (in two halves, so that what the
 * compiler learns from one contestant is known when the others are compiled), then sampled round by round.
 */
public final class Race {
  private static final int WARM_UP_PASSES = 2;

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
    int phases = contestants.size() * (1 + WARM_UP_PASSES + settings.rounds());
    int phase = 0;
    for (Contestant contestant : contestants) {
      listener.at("checks " + contestant.name(), (double) phase++ / phases);
      contestant.verify();
    }
    long[] repetitions = new long[contestants.size()];
    for (int pass = 0; pass < WARM_UP_PASSES; pass++) {
      for (int i = 0; i < repetitions.length; i++) {
        listener.at("warms up " + contestants.get(i).name(), (double) phase++ / phases);
        repetitions[i] = warmUp(contestants.get(i));
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

  /** Runs for half the time of the warm-up, ever more at once; returns how many runs make a sample. */
  private long warmUp(Contestant contestant) {
    long end = clock.getAsLong() + settings.warmUp().toNanos() / WARM_UP_PASSES;
    long atLeast = settings.sample().toNanos();
    long times = 1;
    while (true) {
      long took = Math.max(1, sample(contestant, times));
      boolean longEnough = took >= atLeast;
      if (longEnough && clock.getAsLong() >= end) {
        // Rounded up, but by the mean of all runs of this call, so that a sample takes about as long as asked for.
        return Math.max(1, (long) Math.ceil((double) atLeast * times / took));
      }
      if (!longEnough) {
        times = Math.max(times + 1, Math.min(times * 4, (long) Math.ceil(1.2 * atLeast * times / took)));
      }
    }
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
