package io.nlar.bench.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RaceTest {
  private static final RaceSettings SETTINGS = settings(7, 1000, Duration.ofHours(1));

  private static RaceSettings settings(int rounds, long warmUpNanos, Duration budget) {
    return new RaceSettings(
        rounds, Duration.ofNanos(warmUpNanos), Duration.ofNanos(100), Duration.ZERO, budget, 5);
  }

  private final List<String> calls = new ArrayList<>();
  private long now;
  private boolean compiling;

  /** Takes a known time on the race's own clock. */
  private class Fake implements Contestant {
    private final String name;
    private final long nanos;

    Fake(String name, long nanos) {
      this.name = name;
      this.nanos = nanos;
    }

    @Override
    public void verify() {
      calls.add("verify " + name);
    }

    @Override
    public void run(long times) {
      calls.add(name);
      now += times * nanosOfARun();
    }

    long nanosOfARun() {
      return nanos;
    }

    @Override
    public void close() {}
  }

  private List<Samples> race(Fake... contestants) {
    return race(SETTINGS, samples -> true, contestants).samples();
  }

  private Outcome race(RaceSettings settings, Predicate<List<Samples>> precise, Fake... contestants) {
    return run(settings, precise, Stream.of(contestants).map(fake -> new Starter(fake.name, fake)).toList());
  }

  private Outcome run(RaceSettings settings, Predicate<List<Samples>> precise, List<Starter> starters) {
    return new Race(settings, () -> now, () -> compiling).run(starters, precise, (what, fraction) -> {});
  }

  @Test
  void contestantsTakeTurnsOnceARoundInChangingOrder() {
    race(new Fake("A", 10), new Fake("B", 30), new Fake("C", 200));
    List<String> timed = calls.subList(calls.size() - 3 * SETTINGS.rounds(), calls.size());
    Set<List<String>> orders = new HashSet<>();
    for (int i = 0; i < timed.size(); i += 3) {
      List<String> round = timed.subList(i, i + 3);
      assertEquals(Set.of("A", "B", "C"), Set.copyOf(round), "round " + i / 3 + " of " + timed);
      orders.add(round);
    }
    assertTrue(orders.size() > 2, "orders of " + timed);
    List<String> again = new ArrayList<>(calls);
    calls.clear();
    race(new Fake("A", 10), new Fake("B", 30), new Fake("C", 200));
    assertEquals(again, calls, "the order follows from the seed");
  }

  @Test
  void roundsGoOnUntilTheRatiosArePrecise() {
    Outcome outcome = race(SETTINGS, samples -> samples.getFirst().nanos().length >= 20, new Fake("A", 10));
    assertEquals(20, outcome.rounds());
    assertEquals(7, race(SETTINGS, samples -> true, new Fake("A", 10)).rounds(), "but the least number is kept");
  }

  @Test
  void roundsEndWithTheBudgetButAllowForAnInterval() {
    Outcome outcome = race(settings(7, 1000, Duration.ofNanos(50_000)), samples -> false, new Fake("A", 100));
    assertTrue(outcome.rounds() > 100 && outcome.rounds() < 500, "rounds: " + outcome.rounds());
    assertEquals(Interval.FEWEST,
        race(settings(7, 1000, Duration.ofNanos(1)), samples -> false, new Fake("A", 100)).rounds());
  }

  @Test
  void theChecksDoNotTakeTheTimeOfTheRounds() {
    Fake thorough = new Fake("thorough", 100) {
      @Override
      public void verify() {
        now += 1_000_000;
      }
    };
    int rounds = race(settings(7, 1000, Duration.ofNanos(100_000)), samples -> false, thorough).rounds();
    assertTrue(rounds >= 500, "half of the budget is for rounds, which are " + rounds);
  }

  @Test
  void theSlowSitOutRoundsAndStillHaveTheirIntervals() {
    Outcome outcome = race(settings(7, 1000, Duration.ofNanos(10_000_000)), samples -> false,
        new Fake("A", 100), new Fake("B", 110), new Fake("slow", 100_000), new Fake("C", 120), new Fake("slower", 250));
    Samples slow = outcome.samples().get(2);
    long turns = slow.rounds().stream().filter(Objects::nonNull).count();
    assertTrue(turns >= 8, "turns: " + turns);
    assertTrue(outcome.rounds() >= 20 * turns, outcome.rounds() + " rounds, " + turns + " turns of the slow one");
    for (Samples other : outcome.samples()) {
      assertEquals(outcome.rounds(), other.rounds().size());
      double expected = slow.time().median() / other.time().median();
      assertEquals(expected, slow.ratioTo(other).median(), 1e-9 * expected);
    }
    assertEquals(0, outcome.samples().get(0).rounds().stream().filter(Objects::isNull).count());
  }

  @Test
  void allHaveTheirIntervalsHoweverShortTheTime() {
    Outcome outcome = race(settings(7, 1000, Duration.ofNanos(1)), samples -> false,
        new Fake("A", 100), new Fake("B", 110), new Fake("slow", 100_000));
    assertEquals(List.of(0L, 0L, 0L), outcome.samples().stream()
        .map(samples -> samples.rounds().stream().filter(Objects::isNull).count()).toList());
    assertEquals(Interval.FEWEST, outcome.rounds());
  }

  @Test
  void anOptionalContestantThatFailsLeavesTheOthersTheirRace() {
    Fake wrong = new Fake("wrong", 1) {
      @Override
      public void verify() {
        throw new VerificationException("2 + 2 is 5");
      }
    };
    Fake dying = new Fake("dying", 10) {
      private int runs;

      @Override
      public void run(long times) {
        if (++runs > 30) {
          throw new IllegalStateException();
        }
        super.run(times);
      }
    };
    Outcome outcome = run(SETTINGS, samples -> samples.getFirst().nanos().length >= 60, List.of(
        new Starter("wrong", wrong, true, Duration.ZERO), new Starter("A", new Fake("A", 10)),
        new Starter("dying", dying, true, Duration.ZERO)));
    assertEquals(List.of("A"), outcome.samples().stream().map(Samples::name).toList());
    assertEquals(60, outcome.samples().getFirst().nanos().length);
    assertEquals(Map.of("wrong", "2 + 2 is 5", "dying", "java.lang.IllegalStateException"), outcome.withdrawn());
  }

  @Test
  void whoeverComesNextWaitsUntilTheThreadsOfTheOneBeforeSleep() {
    long[] ended = {0};
    long[] least = {Long.MAX_VALUE};
    Fake spinning = new Fake("spinning", 1000) {
      @Override
      public void run(long times) {
        super.run(times);
        ended[0] = System.nanoTime();
      }
    };
    Fake next = new Fake("next", 1000) {
      @Override
      public void run(long times) {
        if (calls.getLast().equals("spinning")) {
          least[0] = Math.min(least[0], System.nanoTime() - ended[0]);
        }
        super.run(times);
      }
    };
    run(SETTINGS, samples -> true,
        List.of(new Starter("spinning", spinning, true, Duration.ofMillis(15)), new Starter("next", next)));
    assertTrue(least[0] >= 15_000_000 && least[0] < Long.MAX_VALUE, "rested " + least[0] + " ns");
  }

  @Test
  void allAreVerifiedBeforeAnyIsRun() {
    race(new Fake("A", 10), new Fake("B", 30));
    assertEquals(List.of("verify A", "verify B"), calls.subList(0, 2));
  }

  @Test
  void aWrongResultStopsTheRaceBeforeItIsTimed() {
    Fake wrong = new Fake("wrong", 1) {
      @Override
      public void verify() {
        throw new VerificationException("2 + 2 is 5");
      }
    };
    assertThrows(VerificationException.class, () -> race(new Fake("A", 10), wrong));
    assertEquals(List.of("verify A"), calls);
  }

  @Test
  void shortWorkIsRepeatedUntilASampleIsLongEnough() {
    List<Samples> samples = race(new Fake("A", 7), new Fake("B", 150));
    assertEquals(15, samples.get(0).repetitions(), "15 · 7 is the first multiple beyond 100");
    assertEquals(1, samples.get(1).repetitions());
    assertEquals(7.0, samples.get(0).time().median());
    assertEquals(150.0, samples.get(1).time().median());
    assertEquals(7, samples.get(0).nanos().length);
  }

  @Test
  void warmUpGoesOnUntilNobodyGetsFaster() {
    Fake compiled = new Fake("compiled late", 0) {
      private int runs;

      @Override
      public void run(long times) {
        runs += times;
        super.run(times);
      }

      @Override
      long nanosOfARun() {
        return runs < 3 ? 400 : runs < 12 ? 100 : 10;
      }
    };
    Samples samples = race(compiled, new Fake("B", 50)).getFirst();
    assertEquals(10.0, samples.time().high(), "every sample is from after the last compilation");
    assertEquals(10, samples.repetitions());
  }

  @Test
  void warmUpGoesOnWhileTheCompilerIsAtWork() {
    Fake waiting = new Fake("waits for the compiler", 0) {
      private int runs;

      @Override
      public void run(long times) {
        runs += times;
        compiling = runs < 300;
        super.run(times);
      }

      @Override
      long nanosOfARun() {
        return runs < 300 ? 400 : 10;
      }
    };
    Samples samples = race(waiting, new Fake("B", 50)).getFirst();
    assertEquals(10.0, samples.time().high(), "every sample is from after the compilation");
  }

  @Test
  void equalWarmUp() {
    long[] spent = new long[2];
    List<Fake> contestants = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int index = i;
      contestants.add(new Fake("contestant " + i, 20 * (i + 1)) {
        @Override
        public void run(long times) {
          spent[index] += times * nanosOfARun();
          super.run(times);
        }
      });
    }
    race(settings(6, 100_000, Duration.ofHours(1)), samples -> true, contestants.toArray(Fake[]::new));
    assertEquals(spent[0], spent[1], 0.01 * spent[0]);
    assertTrue(spent[0] >= 200_000);
  }

  @Test
  void fewerRoundsThanAnIntervalTakesAreRefused() {
    assertThrows(IllegalArgumentException.class,
        () -> new RaceSettings(5, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0));
  }
}
