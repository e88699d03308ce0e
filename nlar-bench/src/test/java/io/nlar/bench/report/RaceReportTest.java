package io.nlar.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.bench.command.Yardsticks;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Interval;
import io.nlar.bench.harness.Outcome;
import io.nlar.bench.harness.Samples;
import io.nlar.bench.peer.PyTorchAdamClipped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RaceReportTest {
  private static final int ROUNDS = 15;
  private static final DeviceInfo CPU = new DeviceInfo(
      "cpu", 0, "A processor, with a driver 1.2", 1L << 34, EnumSet.allOf(DType.class), DeviceInfo.HostMemory.NATIVE);
  private static final Workload WORKLOAD = new Workload(CPU, DType.FLOAT32, 1000, 2);

  private static final Entry SLOW_ROOF = new Entry("passes: slow", Kind.ROOFLINE, 40);
  private static final Entry ROOF = new Entry("passes: fast", Kind.ROOFLINE, 40);
  private static final Entry NLARCM = new Entry("Nlarcm", Kind.STEP, 40);
  private static final Entry STATELESS = new Entry("stateless", Kind.STEP, 16, false, false, null);
  private static final Entry ADAM = new Entry("Adam", Kind.STEP, 28);

  /** Times that all drift alike from round to round. */
  private static Samples steady(Entrant entrant, double nanos) {
    double[] times = new double[ROUNDS];
    Arrays.setAll(times, round -> nanos * (1 + 0.1 * round));
    return new Samples(entrant.name(), 1, times);
  }

  /** Times of which every other one is half as long again. */
  private static Samples restless(Entrant entrant, double nanos) {
    double[] times = new double[ROUNDS];
    Arrays.setAll(times, round -> nanos * (1 + 0.1 * round) * (round % 2 == 0 ? 1 : 1.5));
    return new Samples(entrant.name(), 1, times);
  }

  private static RaceReport report(RaceSpec.Subject subject, Samples... samples) {
    RaceSpec spec = new RaceSpec("a race", subject, WORKLOAD, List.of(SLOW_ROOF, ROOF, NLARCM, STATELESS, ADAM), 1,
        List.of(new RaceSpec.Pair("Nlarcm", "Adam"), new RaceSpec.Pair("Nlarcm", "absent")));
    return RaceReport.of(spec, new Outcome(List.of(samples), Map.of(), 3),
        List.of(new Skipped("Keras", "there is no Keras")), Duration.ofMillis(1500));
  }

  private static RaceReport steady() {
    return report(RaceSpec.Subject.STEPS, steady(SLOW_ROOF, 900), steady(ROOF, 800), steady(NLARCM, 1000),
        steady(STATELESS, 320), steady(ADAM, 700));
  }

  private static Result result(RaceReport report, Entry entry) {
    return report.results().stream().filter(result -> result.name().equals(entry.name())).findFirst().orElseThrow();
  }

  private static void assertRatio(double expected, Interval actual) {
    assertEquals(expected, actual.median(), 1e-12);
    assertEquals(expected, actual.low(), 1e-12);
    assertEquals(expected, actual.high(), 1e-12);
  }

  @Test
  void sharesAreOfTheFastestShapeAndForABytes() {
    RaceReport report = steady();
    assertEquals("passes: fast", report.roofline());
    assertRatio(1, result(report, ROOF).shareOfRoofline());
    assertRatio(800.0 / 900, result(report, SLOW_ROOF).shareOfRoofline());
    assertRatio(0.8, result(report, NLARCM).shareOfRoofline());
    assertRatio(28.0 / 700 / (40.0 / 800), result(report, ADAM).shareOfRoofline());
  }

  @Test
  void theBestKeepsAState() {
    RaceReport report = steady();
    assertEquals("Adam", report.best());
    assertRatio(1000.0 / 700, result(report, NLARCM).ratioToBest());
    assertRatio(320.0 / 700, result(report, STATELESS).ratioToBest());
    assertNull(result(report, ROOF).ratioToBest());
    assertEquals("stateless", report(RaceSpec.Subject.STEPS, steady(STATELESS, 1)).best());
  }

  @Test
  void pairsAreComparedByTimeAndByByte() {
    RaceReport report = steady();
    assertEquals(1, report.comparisons().size(), "who did not come through is not compared");
    Comparison comparison = report.comparisons().getFirst();
    assertRatio(1000.0 / 700, comparison.time());
    assertRatio(1000.0 / 40 / (700.0 / 28), comparison.timePerByte());
  }

  @Test
  void timesAreOfTheMedianRound() {
    Result result = result(steady(), NLARCM);
    assertEquals(1.7, result.nanosPerParameter().median(), 1e-12);
    assertEquals(40 / 1.7, result.gigabytesPerSecond().median(), 1e-12);
    assertTrue(result.gigabytesPerSecond().low() < result.gigabytesPerSecond().high());
  }

  @Test
  void wideRatiosAreCountedOverAllThatArePrinted() {
    assertEquals(0, steady().wideRatios());
    assertEquals(7, steady().ratios().size(), "shares of 4, ratios to the best of 2 and of 1 pair, but not 1s");
    RaceReport report = report(RaceSpec.Subject.STEPS, steady(ROOF, 800), restless(NLARCM, 1000), steady(ADAM, 700));
    assertEquals(3, report.wideRatios(), "share, ratio to the best, and comparison");
  }

  @Test
  void theTableShowsIntervalsMarksAndReasons() {
    RaceReport report =
        report(RaceSpec.Subject.STEPS, steady(SLOW_ROOF, 900), steady(ROOF, 800), restless(NLARCM, 1000), steady(ADAM, 700));
    assertEquals("""
        cpu:0 (A processor), float32, 1000 parameters: a race
                      ns/param  B/param  GB/s  % of roofline [95 %]   time / best [95 %]
        passes: slow     1.530       40  26.1   88.9 [88.9 – 88.9]
        passes: fast     1.360       40  29.4                  100
        Nlarcm           2.000       40  20.0   80.0 [53.3 – 80.0]~  1.43 [1.43 – 2.14]~
        Adam             1.190       28  23.5   80.0 [80.0 – 80.0]                    1
        Nlarcm vs Adam: time 1.43 [1.43 – 2.14]~, per byte 1.00 [1.00 – 1.50]~
        roofline: passes: fast, the fastest of 2
        best: Adam
        ~ interval wider than 5 %: 3 of 5 ratios, after 15 rounds
        skipped: Keras: there is no Keras""".replace("\n", System.lineSeparator()), ReportTable.of(report));
  }

  @Test
  void whatIsLongerThanATerminalIsWideGoesOnInTheNextLine() {
    String reason = "there is no Keras ".repeat(20).strip();
    RaceReport report = RaceReport.of(
        new RaceSpec("a race", RaceSpec.Subject.STEPS, WORKLOAD, List.of(ROOF, ADAM), 1, List.of()),
        new Outcome(List.of(steady(ROOF, 800), steady(ADAM, 700)), Map.of(), 3),
        List.of(new Skipped("Keras", reason), new Skipped("Caffe", "x".repeat(200))), Duration.ofMillis(1500));
    String table = ReportTable.of(report);
    List<String> lines = table.lines().dropWhile(line -> !line.startsWith("skipped")).toList();
    assertEquals(6, lines.size(), table);
    assertTrue(lines.subList(0, 4).stream().allMatch(line -> line.length() <= 120), table);
    assertEquals("skipped: Keras: " + reason, String.join(" ", lines.subList(0, 4).stream().map(String::strip).toList()));
    assertEquals(List.of("skipped: Caffe:", "  " + "x".repeat(200)), lines.subList(4, 6), "what has no space is not cut");
  }

  @Test
  void aStepAboveTheRooflineInAllOfItsIntervalIsAWarning() {
    String table = ReportTable.of(report(RaceSpec.Subject.STEPS, steady(ROOF, 800), steady(NLARCM, 780), steady(ADAM, 700)));
    assertTrue(table.contains("warning: faster than the roofline throughout the interval, which is no bound here for:"
        + " Nlarcm" + System.lineSeparator()), table);
    RaceReport touching = report(RaceSpec.Subject.STEPS, restless(ROOF, 700), steady(NLARCM, 750), steady(ADAM, 700));
    assertTrue(result(touching, NLARCM).shareOfRoofline().high() > 1);
    assertFalse(ReportTable.of(touching).contains("warning"), ReportTable.of(touching));
  }

  @Test
  void columnsThatWouldBeEmptyAreLeftOut() {
    String table = ReportTable.of(report(RaceSpec.Subject.DEVICES, steady(NLARCM, 780)));
    assertTrue(table.startsWith("all devices, float32"), table);
    assertFalse(table.contains("roofline"), table);
    assertFalse(table.contains("of 2"), table);
  }

  @Test
  void tablesFitInto120Columns() {
    List<Entrant> entrants = new ArrayList<>(Yardsticks.of(CPU, false));
    entrants.add(new PyTorchAdamClipped());
    List<Samples> samples = entrants.stream().map(entrant -> restless(entrant, 123_456)).toList();
    RaceSpec spec = new RaceSpec("one step, one tensor", RaceSpec.Subject.STEPS, WORKLOAD, entrants);
    String table = ReportTable.of(
        RaceReport.of(spec, new Outcome(samples, Map.of(), 3), List.of(), Duration.ZERO));
    table.lines().forEach(line -> assertTrue(line.length() <= 120, line.length() + ": " + line));
  }
}
