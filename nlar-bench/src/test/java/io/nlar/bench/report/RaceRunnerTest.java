package io.nlar.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.StepConfig;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.NlarStep;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.RaceSettings;
import io.nlar.bench.harness.VerificationException;
import io.nlar.spi.Probe;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RaceRunnerTest {
  private static final RaceSettings SHORT = new RaceSettings(
      6, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ZERO, Duration.ofMillis(200), 1);

  private static RaceReport run(Entrant... entrants) {
    DeviceInfo cpu = ((Probe.Available) Backends.probe().get("cpu")).devices().getFirst();
    try (RaceRunner runner = new RaceRunner()) {
      return runner.run(new RaceSpec("", RaceSpec.Subject.STEPS, new Workload(cpu, DType.FLOAT32, 1000, 1),
          List.of(entrants)), SHORT, (what, fraction) -> {});
    }
  }

  private static Contestant wrong() {
    return new Contestant() {
      @Override
      public void verify() {
        throw new VerificationException("2 + 2 is 5");
      }

      @Override
      public void run(long times) {
        throw new AssertionError("it must not be timed");
      }

      @Override
      public void close() {
        // nothing to free
      }
    };
  }

  @Test
  void aPeerThatFailsIsSkippedWithItsReason() {
    RaceReport report = run(
        new Entry("dead", Kind.STEP, 28, true, true, null),
        new NlarStep("Nlarcm", StepConfig.nlarcm()),
        new Entry("wrong", Kind.STEP, 28, true, true, wrong()));
    assertEquals(List.of("Nlarcm"), report.results().stream().map(Result::name).toList());
    assertEquals(List.of(new Skipped("dead", "dead has no memory left"), new Skipped("wrong", "2 + 2 is 5")),
        report.skipped());
    String table = ReportTable.of(report);
    assertTrue(table.contains("skipped: dead: dead has no memory left"), table);
    assertTrue(table.contains("skipped: wrong: 2 + 2 is 5"), table);
  }

  @Test
  void whatIsNlarsOwnStopsTheRace() {
    assertThrows(VerificationException.class, () -> run(new Entry("wrong", Kind.STEP, 28, true, false, wrong())));
    assertThrows(IllegalStateException.class, () -> run(new Entry("dead", Kind.STEP, 28)));
  }
}
