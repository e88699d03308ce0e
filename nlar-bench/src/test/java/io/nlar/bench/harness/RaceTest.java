package io.nlar.bench.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RaceTest {
  private static final RaceSettings SETTINGS =
      new RaceSettings(7, Duration.ofNanos(1000), Duration.ofNanos(100), Duration.ZERO);

  private final List<String> calls = new ArrayList<>();
  private long now;

  /** Takes a known time on the race's own clock. */
  private class Fake implements Contestant {
    private final String name;
    private final long nanos;

    Fake(String name, long nanos) {
      this.name = name;
      this.nanos = nanos;
    }

    @Override
    public String name() {
      return name;
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

  private List<Samples> race(Contestant... contestants) {
    return new Race(SETTINGS, () -> now).run(List.of(contestants), (what, fraction) -> {});
  }

  @Test
  void contestantsTakeTurns() {
    race(new Fake("A", 10), new Fake("B", 30), new Fake("C", 500));
    List<String> timed = calls.subList(calls.size() - 3 * SETTINGS.rounds(), calls.size());
    for (int i = 0; i < timed.size(); i++) {
      assertEquals(List.of("A", "B", "C").get(i % 3), timed.get(i), "call " + i + " of " + timed);
    }
  }

  @Test
  void allAreVerifiedBeforeAnyIsRun() {
    race(new Fake("A", 10), new Fake("B", 30));
    assertEquals(List.of("verify A", "verify B"), calls.subList(0, 2));
  }

  @Test
  void aWrongResultStopsTheRaceBeforeItIsTimed() {
    Contestant wrong = new Fake("wrong", 1) {
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
    List<Samples> samples = race(new Fake("A", 7), new Fake("B", 5000));
    assertEquals(15, samples.get(0).repetitions(), "15 · 7 is the first multiple beyond 100");
    assertEquals(1, samples.get(1).repetitions());
    assertEquals(7.0, samples.get(0).time().median());
    assertEquals(5000.0, samples.get(1).time().median());
    assertEquals(7, samples.get(0).nanos().length);
  }

  @Test
  void warmUpGoesOnUntilNobodyGetsFaster() {
    Contestant compiled = new Fake("compiled late", 0) {
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
  void equalWarmUp() {
    long[] spent = new long[2];
    List<Contestant> contestants = new ArrayList<>();
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
    RaceSettings onlyWarmUp = new RaceSettings(6, Duration.ofNanos(100_000), Duration.ofNanos(100), Duration.ZERO);
    new Race(onlyWarmUp, () -> now).run(contestants, (what, fraction) -> {});
    assertEquals(spent[0], spent[1], 0.01 * spent[0]);
    assertTrue(spent[0] >= 200_000);
  }

  @Test
  void fewerRoundsThanAnIntervalTakesAreRefused() {
    assertThrows(IllegalArgumentException.class,
        () -> new RaceSettings(5, Duration.ZERO, Duration.ZERO, Duration.ZERO));
  }
}
