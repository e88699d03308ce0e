package io.nlar.bench.cli;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.bench.contest.MemoryCheck;
import io.nlar.bench.contest.Programme;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.harness.RaceSettings;
import io.nlar.bench.peer.Peer;
import io.nlar.bench.peer.Python;
import io.nlar.bench.report.Machine;
import io.nlar.bench.report.RaceReport;
import io.nlar.bench.report.RaceRunner;
import io.nlar.bench.report.ReportChart;
import io.nlar.bench.report.ReportJson;
import io.nlar.bench.report.ReportTable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code nlar bench}: Nlar's step against its device's roofline and against peers. */
@Command(
    name = "bench",
    description = {
      "Time the step on every available device against that device's roofline (the same memory traffic without"
          + " arithmetic) and against other optimizers, in turns.",
      "Prints tables; writes the figures as JSON and a chart. GB/s is 10^9 bytes read and written a second. A ratio is"
          + " the median over the turns, with its 95 %% interval. Every result is checked before it is timed.",
      "docs/benchmarks.md describes the method."
    })
public final class BenchCommand implements NlarCommand {
  /** Where JSON and chart go by default. */
  static final Path OUTPUT_FOLDER = Path.of("nlar-out");

  private static final long PERCENT = 100;
  private static final String THREADS_PROPERTY = "nlar.cpu.threads";

  @Spec
  private CommandSpec spec;

  @Option(names = "--backend", paramLabel = "SELECTOR", split = ",",
      description = "Only these, for example cpu (all devices of a backend) or opencl:1. Default: all that are available.")
  private List<String> backends = List.of();

  @Option(names = "--size", paramLabel = "N", split = ",",
      description = "Numbers of parameters, for example 65536, 64Ki or 32Mi. Default: some that fit into memory.")
  private List<String> sizes = List.of();

  @Option(names = "--dtype", paramLabel = "TYPE", split = ",",
      description = "float32 or float64. Default: float32 with --quick, else both.")
  private List<DType> types = List.of();

  @ArgGroup
  private Length length = new Length();

  /** How long the benchmark goes on. */
  static final class Length {
    @Option(names = "--quick", description = "The main variants at three sizes, in less than a minute.")
    private boolean quick;

    @Option(names = "--full", description = "Every variant at every size from 1 Ki to 256 Mi; takes long.")
    private boolean full;

    Programme.Extent extent() {
      return quick ? Programme.Extent.QUICK : full ? Programme.Extent.FULL : Programme.Extent.STANDARD;
    }

    RaceSettings settings() {
      return switch (extent()) {
        case QUICK -> new RaceSettings(15, Duration.ofMillis(100), Duration.ofMillis(4), Duration.ofMillis(1));
        case STANDARD -> new RaceSettings(31, Duration.ofMillis(250), Duration.ofMillis(10), Duration.ofMillis(1));
        case FULL -> new RaceSettings(51, Duration.ofMillis(500), Duration.ofMillis(20), Duration.ofMillis(1));
      };
    }
  }

  @Option(names = "--json", paramLabel = "FILE", description = "Where the figures go. Default: nlar-out/bench.json.")
  private Path json;

  @Option(names = "--chart", paramLabel = "FILE.png", description = "Where the chart goes. Default: nlar-out/bench.png.")
  private Path chart;

  @Option(names = "--python", paramLabel = "PROGRAM",
      description = "A Python with torch, for PyTorch's Adam. Default: NLAR_PYTHON, or python3.")
  private String python;

  @Option(names = "--no-peers", description = "Leave other optimizers out.")
  private boolean noPeers;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    OutputFile jsonFile = json == null ? OutputFile.in(OUTPUT_FOLDER, "bench.json") : OutputFile.at(json);
    OutputFile chartFile = chart == null ? OutputFile.in(OUTPUT_FOLDER, "bench.png") : OutputFile.at(chart);
    if (python != null) {
      System.setProperty(Python.PROPERTY, python);
    }
    DeviceSelection selection = DeviceSelection.of(backends);
    Programme programme = new Programme(length.extent(), peers(), threads());
    Map<DeviceInfo, List<RaceSpec>> races = plan(selection, programme, out);
    warnWhereBusy();
    Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    List<RaceReport> reports = run(races, out);
    selection.left().forEach((backend, reason) -> out.println("not timed: " + backend + ": " + reason));
    jsonFile.write(stream -> ReportJson.write(stream, start, settings(), reports));
    chartFile.write(stream -> ReportChart.write(stream, reports));
    out.println("figures: " + jsonFile);
    out.println("chart:   " + chartFile);
    return ExitCode.OK;
  }

  private List<Peer> peers() {
    return noPeers
        ? List.of()
        : ServiceLoader.load(Peer.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  private static int threads() {
    return Integer.getInteger(THREADS_PROPERTY, Runtime.getRuntime().availableProcessors());
  }

  /**
   * All races, once it is clear that they fit into memory: a size that was asked for must, one of the programme's own is
   * left out.
   */
  private Map<DeviceInfo, List<RaceSpec>> plan(DeviceSelection selection, Programme programme, PrintWriter out) {
    List<Long> wanted = sizes.isEmpty() ? programme.sizes() : sizes.stream().map(this::size).distinct().toList();
    Map<DeviceInfo, List<RaceSpec>> plan = new LinkedHashMap<>();
    Set<String> leftOut = new LinkedHashSet<>();
    for (DeviceInfo device : selection.devices()) {
      List<RaceSpec> races = new ArrayList<>();
      for (DType type : types.isEmpty() ? programme.types() : types) {
        if (device.types().contains(type)) {
          for (RaceSpec race : programme.races(device, type, wanted)) {
            MemoryCheck.problem(race).ifPresentOrElse(leftOut::add, () -> races.add(race));
          }
        }
      }
      plan.put(device, races);
    }
    if (!leftOut.isEmpty() && !sizes.isEmpty()) {
      throw new CommandFailedException(String.join(System.lineSeparator(), leftOut));
    }
    leftOut.forEach(reason -> out.println("left out: " + reason));
    if (plan.values().stream().allMatch(List::isEmpty)) {
      throw new CommandFailedException("there is nothing to time: no chosen device knows the chosen element types");
    }
    return plan;
  }

  private long size(String text) {
    try {
      long size = Sizes.parseCount(text);
      if (size > 0) {
        return size;
      }
      throw new IllegalArgumentException("a size must be at least 1");
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--size: " + e.getMessage(), e);
    }
  }

  private void warnWhereBusy() {
    double load = Machine.load();
    int processors = Runtime.getRuntime().availableProcessors();
    if (load > processors / 2.0) {
      spec.commandLine().getErr().printf("nlar: this machine is busy (load %.1f on %d processors): expect wide intervals%n",
          load, processors);
    }
  }

  private List<RaceReport> run(Map<DeviceInfo, List<RaceSpec>> plan, PrintWriter out) {
    List<RaceReport> reports = new ArrayList<>();
    for (var entry : plan.entrySet()) {
      try (Device device = Backends.open(entry.getKey().selector())) {
        RaceRunner runner = new RaceRunner(device, length.settings());
        for (RaceSpec race : entry.getValue()) {
          reports.add(run(runner, race));
          out.println(ReportTable.of(reports.getLast()));
          out.println();
        }
      }
    }
    return reports;
  }

  private static RaceReport run(RaceRunner runner, RaceSpec race) {
    String task = race.workload().device().selector() + " " + DTypeConverter.name(race.workload().type()) + " "
        + Sizes.count(race.workload().size());
    try (Progress progress = Progress.start(task, PERCENT)) {
      long[] shown = {0};
      return runner.run(race, (what, fraction) -> {
        long now = Math.round(fraction * PERCENT);
        progress.at(what).step(now - shown[0]);
        shown[0] = now;
      });
    }
  }

  private Map<String, Object> settings() {
    RaceSettings race = length.settings();
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("extent", length.extent().name().toLowerCase(Locale.ROOT));
    settings.put("rounds", race.rounds());
    settings.put("warmUpMillis", race.warmUp().toMillis());
    settings.put("sampleMillis", race.sample().toMillis());
    settings.put("pauseMillis", race.pause().toMillis());
    settings.put("threads", threads());
    settings.put("loadAverageAtEnd", Machine.load());
    return settings;
  }
}
