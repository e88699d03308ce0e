package io.nlar.bench.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Times contestants in turns. All are verified first; then warmed up in turns too, each for the same time, again and
 * again until none gets faster any more and the compiler in the background has nothing left to do (who waits for it does
 * not get faster meanwhile); then sampled round by round, in another order each round, so that nobody is always behind
 * the same neighbour. Who is much slower than the others sits out most rounds: one of its turns would take the time of
 * many rounds. Rounds go on until the figures are precise enough or the budget is spent.
 */
public final class Race {
  private static final int FEWEST_WARM_UPS = 2;
  private static final int MOST_WARM_UPS = 12;
  /** Warm-up ends after this part of the budget, settled or not. */
  private static final double WARM_UP_SHARE = 0.4;
  /** Rounds have at least this part of the budget, however long checks and warm-up took. */
  private static final double ROUNDS_SHARE = 0.5;
  /** A turn may be so many times as long as most before its contestant sits out rounds. */
  private static final double SLOW = 2;
  /** So many turns are planned for the slowest. */
  private static final int TURNS_OF_THE_SLOWEST = 8;
  /** While code is still being compiled, warm-up goes on for so long, whatever the budget. */
  private static final Duration LONGEST_COMPILATION = Duration.ofSeconds(10);
  /** Who is faster than this share of the time before has not settled. */
  private static final double SETTLED = 0.9;

  private static final int GROWTH = 4;

  private final RaceSettings settings;
  private final LongSupplier clock;
  private final BooleanSupplier compiling;

  /** A race by the system's clock. */
  public Race(RaceSettings settings) {
    this(settings, System::nanoTime, new CompilerActivity());
  }

  /**
   * A race by a given clock.
   *
   * @param clock nanoseconds
   * @param compiling whether the compiler has worked since it was last asked, or works now
   */
  Race(RaceSettings settings, LongSupplier clock, BooleanSupplier compiling) {
    this.settings = settings;
    this.clock = clock;
    this.compiling = compiling;
  }

  /** Hears how a race goes on: {@code at} names what comes next, {@code fraction} is how much of its time is spent. */
  @FunctionalInterface
  public interface Listener {
    void at(String what, double fraction);
  }

  /** A contestant's way through the race. */
  private static final class Lane {
    private final Starter starter;
    private long repetitions = 1;
    private double fastest = Double.POSITIVE_INFINITY;
    /** Takes part in every such round: a power of two, so that any two meet as often as the slower one runs. */
    private int every = 1;
    private double[] nanos = new double[64];
    private int rounds;
    private int turns;

    Lane(Starter starter) {
      this.starter = starter;
    }

    double turnNanos() {
      return repetitions * fastest;
    }

    void add(double value) {
      turns++;
      append(value);
    }

    void sitOut() {
      append(Samples.SAT_OUT);
    }

    private void append(double value) {
      if (rounds == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * rounds);
      }
      nanos[rounds++] = value;
    }

    Samples samples() {
      return new Samples(starter.name(), repetitions, Arrays.copyOf(nanos, rounds));
    }
  }

  /** One run of a race. */
  private final class Course {
    private final Listener listener;
    private final long start = clock.getAsLong();
    private final List<Lane> lanes = new ArrayList<>();
    private final Map<String, String> withdrawn = new LinkedHashMap<>();
    private Duration rest = Duration.ZERO;

    Course(List<Starter> starters, Listener listener) {
      this.listener = listener;
      starters.forEach(starter -> lanes.add(new Lane(starter)));
    }

    double spent() {
      return (clock.getAsLong() - start) / (double) settings.budget().toNanos();
    }

    /** Lets each lane do something, in the order of {@code order}; an optional one that fails leaves the race. */
    void each(String verb, List<Lane> order, LaneAction action) {
      for (Lane lane : order) {
        listener.at(verb + " " + lane.starter.name(), Math.min(1, spent()));
        try {
          action.run(lane);
        } catch (RuntimeException failure) {
          if (!lane.starter.optional()) {
            throw failure;
          }
          withdrawn.put(lane.starter.name(), reason(failure));
          lanes.remove(lane);
        }
        rest = lane.starter.rest();
      }
    }

    /** Rests before a lane's turn, at least as long as the one before asks for. */
    void rest() {
      long longest = Math.max(rest.toNanos(), settings.pause().toNanos());
      long begin = System.nanoTime();
      for (long left = longest; left > 0; left = longest - (System.nanoTime() - begin)) {
        LockSupport.parkNanos(left);
      }
    }

    int warmUp() {
      int passes = 0;
      boolean[] settled = {false};
      boolean compiled = true;
      long begin = clock.getAsLong();
      while (passes < FEWEST_WARM_UPS
          || compiled && clock.getAsLong() - begin < LONGEST_COMPILATION.toNanos()
          || !settled[0] && passes < MOST_WARM_UPS && spent() < WARM_UP_SHARE) {
        settled[0] = true;
        long turn = Math.min(settings.warmUp().toNanos(),
            (long) (WARM_UP_SHARE * settings.budget().toNanos() / FEWEST_WARM_UPS / Math.max(1, lanes.size())));
        each("warms up", List.copyOf(lanes), lane -> {
          rest();
          double nanos = fastest(lane.starter.contestant(), turn);
          settled[0] &= nanos >= SETTLED * lane.fastest;
          lane.fastest = Math.min(lane.fastest, nanos);
          lane.repetitions = Math.max(1, (long) Math.ceil(settings.sample().toNanos() / lane.fastest));
        });
        passes++;
        compiled = compiling.getAsBoolean();
      }
      return passes;
    }

    /** Lets the slow sit out rounds, as far as the time for rounds still gives them enough turns. */
    void stride(long nanos) {
      double usual = lanes.stream().mapToDouble(Lane::turnNanos).sorted().skip((lanes.size() - 1) / 2).findFirst()
          .orElse(1);
      double round = lanes.stream().mapToDouble(lane -> Math.min(lane.turnNanos(), SLOW * usual)).sum();
      double most = nanos / round / TURNS_OF_THE_SLOWEST;
      for (Lane lane : lanes) {
        double every = Math.min(lane.turnNanos() / (SLOW * usual), most);
        lane.every = Integer.highestOneBit((int) Math.max(1, every));
      }
    }

    void rounds(Predicate<List<Samples>> precise) {
      long begin = clock.getAsLong();
      long end = Math.max(start + settings.budget().toNanos(),
          begin + (long) (ROUNDS_SHARE * settings.budget().toNanos()));
      stride(end - begin);
      SplittableRandom random = new SplittableRandom(settings.seed());
      for (int round = 0;
          !hasIntervals() || clock.getAsLong() < end && !(round >= settings.rounds() && precise.test(samples()));
          round++) {
        boolean overdue = clock.getAsLong() >= end;
        List<Lane> order = new ArrayList<>();
        for (Lane lane : lanes) {
          if (overdue || round % lane.every == 0) {
            order.add(lane);
          } else {
            lane.sitOut();
          }
        }
        Collections.shuffle(order, random);
        each("times", order, lane -> {
          rest();
          lane.add(sample(lane.starter.contestant(), lane.repetitions) / (double) lane.repetitions);
        });
      }
    }

    private boolean hasIntervals() {
      return lanes.stream().allMatch(lane -> lane.turns >= Interval.FEWEST);
    }

    List<Samples> samples() {
      return lanes.stream().map(Lane::samples).toList();
    }
  }

  /** What a failure says of itself. */
  public static String reason(RuntimeException failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  @FunctionalInterface
  private interface LaneAction {
    void run(Lane lane);
  }

  /**
   * Runs the race.
   *
   * @param precise whether the samples so far suffice
   * @throws VerificationException if a contestant that is not optional computes something wrong; nothing is timed then
   */
  public Outcome run(List<Starter> starters, Predicate<List<Samples>> precise, Listener listener) {
    Course course = new Course(starters, listener);
    course.each("checks", List.copyOf(course.lanes), lane -> lane.starter.contestant().verify());
    int warmUpPasses = course.warmUp();
    course.rounds(precise);
    return new Outcome(course.samples(), course.withdrawn, warmUpPasses);
  }

  /** Runs for {@code nanos}, ever more at once until a sample is long enough; returns the least time of a run. */
  private double fastest(Contestant contestant, long nanos) {
    long end = clock.getAsLong() + nanos;
    long sample = settings.sample().toNanos();
    double fastest = Double.POSITIVE_INFINITY;
    long times = 1;
    do {
      double run = Math.max(1, sample(contestant, times)) / (double) times;
      fastest = Math.min(fastest, run);
      times = Math.max(1, Math.min(times * GROWTH, (long) Math.ceil(sample / run)));
    } while (clock.getAsLong() < end);
    return fastest;
  }

  private long sample(Contestant contestant, long times) {
    long start = clock.getAsLong();
    contestant.run(times);
    return clock.getAsLong() - start;
  }
}
