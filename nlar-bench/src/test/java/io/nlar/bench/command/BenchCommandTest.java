package io.nlar.bench.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.StepConfig;
import io.nlar.bench.contest.NlarStep;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.RaceSettings;
import io.nlar.bench.report.RaceReport;
import io.nlar.bench.report.RaceRunner;
import io.nlar.cli.BrokenBackend;
import io.nlar.cli.CommandFailedException;
import io.nlar.cli.ExitCode;
import io.nlar.cli.Main;
import io.nlar.cli.OutputFile;
import io.nlar.cli.Run;
import io.nlar.spi.Probe;
import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  @TempDir
  private Path folder;

  private Run bench(String... arguments) {
    List<String> all = new ArrayList<>(List.of("bench", "--quick",
        "--json", folder.resolve("b.json").toString(), "--chart", folder.resolve("b.png").toString()));
    all.addAll(List.of(arguments));
    return Run.of(all.toArray(String[]::new));
  }

  private Map<String, Object> json() throws IOException {
    return JSON.std.mapFrom(Files.readString(folder.resolve("b.json")));
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> races(Map<String, Object> json) {
    return (List<Map<String, Object>>) json.get("races");
  }

  @AfterEach
  void mend() {
    System.clearProperty(BrokenBackend.PROPERTY);
  }

  /** A thousand parameters and no time: every race is run, though with the fewest rounds. */
  @Test
  @SuppressWarnings("unchecked")
  void givesTableJsonAndChart() throws IOException {
    Run run = bench("--seconds", "30", "--backend", "cpu", "--size", "1Ki", "--no-peers");
    assertEquals(ExitCode.OK, run.status(), run.err());
    assertTrue(run.out().contains("% of roofline"), run.out());
    assertTrue(run.out().contains("both passes, no arithmetic"), run.out());
    assertTrue(run.out().contains("time:    "), run.out());
    run.out().lines().filter(line -> !line.contains(folder.toString()))
        .forEach(line -> assertTrue(line.length() <= 120, line));

    Map<String, Object> json = json();
    assertEquals(true, json.get("complete"));
    assertTrue(((Number) json.get("seconds")).doubleValue() > 0);
    for (String key : List.of("date", "loadAverageBefore", "loadAverageAfter", "leftOut", "notTimed", "noTimeFor")) {
      assertTrue(json.containsKey(key), key + " in " + json.keySet());
    }
    Map<String, Object> machine = (Map<String, Object>) json.get("machine");
    for (String key : List.of("processor", "nlar", "java", "javaOptions", "heapBytes", "vectorBits")) {
      assertTrue(machine.containsKey(key), key + " in " + machine.keySet());
    }
    Map<String, Object> settings = (Map<String, Object>) json.get("settings");
    assertEquals(List.of("cpu"), settings.get("backendsAsked"));
    assertEquals(List.of("1Ki"), settings.get("sizesAsked"));
    assertEquals(List.of(), settings.get("dtypesAsked"));
    assertEquals(List.of(1024, 1024, 1024), races(json).stream().map(race -> race.get("parameters")).toList());
    for (Map<String, Object> race : races(json)) {
      assertTrue((int) race.get("warmUpPasses") >= 2, race.toString());
      assertEquals("title", race.keySet().iterator().next(), "parts come in the order of the records");
      int rounds = (int) race.get("rounds");
      for (Map<String, Object> result : (List<Map<String, Object>>) race.get("results")) {
        assertTrue(List.of("roofline", "copy", "step", "part").contains(result.get("kind")), result.toString());
        Map<String, Object> time = (Map<String, Object>) result.get("nanosPerParameter");
        double low = (double) time.get("low");
        double median = (double) time.get("median");
        assertTrue(0 < low && low <= median && median <= (double) time.get("high"), result.toString());
        assertEquals(rounds, ((List<?>) result.get("nanosPerRun")).size());
        double gigabytes = (double) ((Map<String, Object>) result.get("gigabytesPerSecond")).get("median");
        assertEquals((double) result.get("bytesPerParameter") / median, gigabytes, 1e-9 * gigabytes);
      }
    }

    var image = ImageIO.read(folder.resolve("b.png").toFile());
    assertTrue(image.getWidth() > 1000 && image.getHeight() >= 200 && image.getHeight() < 500, image.toString()); // bars
  }

  @Test
  @SuppressWarnings("unchecked")
  void devicesAreComparedInOneRace() throws IOException {
    boolean required = List.of(System.getProperty("nlar.require", "").split(",")).contains("opencl");
    Assumptions.assumeTrue(required || Backends.probe().get("opencl") instanceof Probe.Available,
        "no OpenCL device here");
    Run run = bench("--seconds", "60", "--backend", "cpu,opencl", "--size", "1Ki", "--no-peers");
    assertEquals(ExitCode.OK, run.status(), run.err());
    assertTrue(run.out().contains("Nlarcm on opencl:0 vs Nlarcm on cpu:0: time "), run.out());
    Map<String, Object> devices = races(json()).stream()
        .filter(race -> race.get("title").equals("Nlarcm on every device")).findFirst().orElseThrow();
    Map<String, Object> comparison = ((List<Map<String, Object>>) devices.get("comparisons")).getFirst();
    assertEquals("Nlarcm on opencl:0", comparison.get("of"));
    assertEquals("Nlarcm on cpu:0", comparison.get("to"));
    assertTrue(run.out().contains("opencl:0 ("), "races of its own: " + run.out());
  }

  @Test
  void aWrongResultStopsTheBenchmarkButKeepsWhatWasMeasured() throws IOException {
    System.setProperty(BrokenBackend.PROPERTY, "");
    Run run = bench("--backend", "cpu,broken", "--seconds", "10", "--size", "1Ki", "--no-peers");
    assertEquals(ExitCode.FAILED, run.status());
    assertTrue(run.err().contains("nlar: on broken:0 element 0 of the value differs from the scalar reference"),
        run.err());
    assertFalse(run.err().contains("\tat "), run.err());
    Map<String, Object> json = json();
    assertEquals(false, json.get("complete"));
    assertEquals(List.of("one step, one tensor"), races(json).stream().map(race -> race.get("title")).toList());
    assertTrue(Files.exists(folder.resolve("b.png")));
  }

  /** The chart's file is replaced by a folder while races are run, which no check beforehand can foresee. */
  @Test
  void aChartThatFailsLeavesTheFigures() throws IOException {
    OutputFile json = OutputFile.at(folder.resolve("b.json"));
    OutputFile chart = OutputFile.at(folder.resolve("b.png"));
    BenchFigures figures = new BenchFigures(json, chart, Map.of(), System.nanoTime());
    Files.createDirectories(folder.resolve("b.png/in the way"));
    figures.add(report());
    figures.complete();
    assertThrows(CommandFailedException.class, figures::close);
    assertEquals(true, json().get("complete"));
    assertEquals(1, races(json()).size());
  }

  /** A fontconfig that cannot be loaded is as good as none. */
  @Test
  void withoutFontsThereAreFiguresAndTheStatusTells() throws Exception {
    Path libraries = Files.createDirectories(folder.resolve("lib"));
    Files.createFile(libraries.resolve("libfontconfig.so.1"));
    Files.createFile(libraries.resolve("libfontconfig.so"));
    Run run = Run.of(ChildJava.of(Main.class, List.of("-Duser.home=" + folder), List.of("bench", "--quick", "--seconds", "1",
        "--backend", "cpu", "--size", "1Ki", "--no-peers", "--json", folder.resolve("b.json").toString(), "--chart",
        folder.resolve("b.png").toString())), Map.of("LD_LIBRARY_PATH", libraries.toString()));
    Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "other systems have no fontconfig");
    assertEquals(ExitCode.NO_PICTURES, run.status(), run.err());
    assertTrue(run.err().contains("nlar: there will be no chart: "), run.err());
    assertTrue(run.err().contains("apt-get install -y fontconfig"), run.err());
    assertEquals(true, json().get("complete"));
    assertFalse(Files.exists(folder.resolve("b.png")));
  }

  private static RaceReport report() {
    DeviceInfo cpu = ((Probe.Available) Backends.probe().get("cpu")).devices().getFirst();
    RaceSpec spec = new RaceSpec("a race", RaceSpec.Subject.STEPS, new Workload(cpu, DType.FLOAT32, 1000, 1),
        List.of(new NlarStep("Nlarcm", StepConfig.nlarcm())));
    try (RaceRunner runner = new RaceRunner()) {
      return runner.run(spec, new RaceSettings(
          6, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ZERO, Duration.ofMillis(100), 1), (what, fraction) -> {});
    }
  }

  @Test
  void racesForWhichThereIsNoTimeAreSaid() throws IOException {
    Run run = bench("--seconds", "1", "--backend", "cpu", "--size", "1Mi", "--no-peers");
    assertEquals(ExitCode.OK, run.status(), run.err());
    Map<String, Object> json = json();
    int said = (int) run.out().lines().filter(line -> line.startsWith("left out, since there is no time left")).count();
    assertEquals(3, races(json).size() + said);
    assertEquals(said, ((List<?>) json.get("noTimeFor")).size());
    assertFalse(races(json).isEmpty());
  }

  @Test
  void sizesBeyondMemoryAreRefusedBeforeAnythingIsAllocated() {
    Run run = bench("--backend", "cpu", "--size", "1Ti");
    assertEquals(ExitCode.FAILED, run.status());
    assertTrue(run.err().contains("1 Ti parameters of FLOAT32 on cpu:0 take 8.00 TiB values and gradients"), run.err());
    assertTrue(run.err().contains("take a smaller --size"), run.err());
    assertFalse(Files.exists(folder.resolve("b.json")));
  }

  @Test
  void anUnwritableFileIsSaidBeforeTheRun() {
    Run run = Run.of("bench", "--backend", "cpu", "--json", folder.resolve("absent/b.json").toString());
    assertEquals(ExitCode.FAILED, run.status());
    assertTrue(run.err().contains("cannot write " + folder.resolve("absent/b.json")), run.err());
    assertEquals("", run.out());
  }

  @Test
  void unknownBackendsSizesAndContradictionsAreRefused() {
    Run unknown = bench("--backend", "tpu");
    assertEquals(ExitCode.FAILED, unknown.status());
    assertTrue(unknown.err().contains("there is no backend 'tpu'"), unknown.err());
    assertEquals(ExitCode.USAGE, bench("--size", "0").status());
    assertEquals(ExitCode.USAGE, bench("--size", "many").status());
    assertEquals(ExitCode.USAGE, bench("--full").status());
    assertEquals(ExitCode.USAGE, bench("--seconds", "0").status());
  }
}
