package io.nlar.bench.command;

import io.nlar.DType;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.harness.RaceSettings;
import io.nlar.bench.harness.VerificationException;
import io.nlar.bench.peer.Peer;
import io.nlar.bench.peer.Python;
import io.nlar.bench.report.Machine;
import io.nlar.bench.report.RaceReport;
import io.nlar.bench.report.RaceRunner;
import io.nlar.bench.report.ReportTable;
import io.nlar.cli.CommandFailedException;
import io.nlar.cli.DTypeConverter;
import io.nlar.cli.DeviceSelection;
import io.nlar.cli.ExitCode;
import io.nlar.cli.Fonts;
import io.nlar.cli.NlarCommand;
import io.nlar.cli.OutputFile;
import io.nlar.cli.Progress;
import io.nlar.cli.Sizes;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
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
  private BenchExtent extent = new BenchExtent();

  @Option(names = "--seconds", paramLabel = "S",
      description = "The races' time, about: they end earlier where all intervals are narrow, and then however wide they"
          + " are. Default: 50 with --quick, else as long as each race needs, at most 90 (180 with --full) each.")
  private Integer seconds;

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
    // What is measured is what remains when everything is compiled.
    System.getProperties().putIfAbsent("nlar.cpu.vectors-after", "0");
    long start = System.nanoTime();
    PrintWriter out = spec.commandLine().getOut();
    if (python != null) {
      if (python.isBlank()) {
        throw new ParameterException(spec.commandLine(), "--python: it is empty; name a Python that has torch");
      }
      Python.use(python);
    }
    if (seconds != null && seconds < 1) {
      throw new ParameterException(spec.commandLine(), "--seconds: at least 1, not " + seconds);
    }
    List<Long> asked = sizes.stream().map(this::size).distinct().toList();
    OutputFile jsonFile = json == null ? OutputFile.in(OUTPUT_FOLDER, "bench.json") : OutputFile.at(json);
    OutputFile chartFile = chart == null ? OutputFile.in(OUTPUT_FOLDER, "bench.png") : OutputFile.at(chart);
    Optional<String> noChart = Fonts.missing();
    DeviceSelection selection = DeviceSelection.of(backends);
    BenchPlan plan = BenchPlan.of(
        new Programme(extent.extent(), peers(), threads()), selection.devices(), asked, types);
    noChart.ifPresent(reason -> spec.commandLine().getErr().println("nlar: there will be no chart: " + reason));
    plan.leftOut().forEach(reason -> out.println("left out: " + reason));
    warnWhereBusy();
    try (BenchFigures figures = new BenchFigures(
        jsonFile, noChart.isPresent() ? null : chartFile, head(plan, selection), start)) {
      run(plan, figures, out);
      figures.complete();
      selection.left().forEach((backend, reason) -> out.println("not timed: " + backend + ": " + reason));
      out.printf(Locale.ROOT, "time:    %.0f s%n", figures.seconds());
    } catch (VerificationException wrong) {
      throw new CommandFailedException(wrong.getMessage(), wrong);
    }
    out.println("figures: " + jsonFile);
    if (noChart.isPresent()) {
      return ExitCode.NO_PICTURES;
    }
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

  private void run(BenchPlan plan, BenchFigures figures, PrintWriter out) {
    RaceSettings settings = extent.settings();
    TimeBudget budget = new TimeBudget(
        whole(plan).minusMillis((long) (1000 * figures.seconds())),
        plan.races().stream().mapToDouble(RaceSpec::weight).sum());
    try (RaceRunner runner = new RaceRunner()) {
      for (RaceSpec race : plan.races()) {
        Duration share = budget.next(race.weight());
        if (!share.isPositive() && !figures.isEmpty()) {
          figures.noTimeFor(race, name(race));
          out.println("left out, since there is no time left: " + name(race) + ": " + race.title());
          continue;
        }
        long most = seconds == null ? settings.budget().toNanos() : Long.MAX_VALUE;
        RaceReport report = run(runner, race,
            settings.withBudget(Duration.ofNanos(Math.clamp(share.toNanos(), 1, most))));
        figures.add(report);
        out.println(ReportTable.of(report));
        out.println();
      }
    }
  }

  private Duration whole(BenchPlan plan) {
    return seconds == null ? extent.whole(plan.races().size()) : Duration.ofSeconds(seconds);
  }

  private static RaceReport run(RaceRunner runner, RaceSpec race, RaceSettings settings) {
    try (Progress progress = Progress.start(name(race), PERCENT)) {
      long[] shown = {0};
      return runner.run(race, settings, (what, fraction) -> {
        long now = Math.round(fraction * PERCENT);
        progress.at(what).step(now - shown[0]);
        shown[0] = now;
      });
    }
  }

  private static String name(RaceSpec race) {
    return race.workload().device().selector() + " " + DTypeConverter.name(race.workload().type()) + " "
        + Sizes.count(race.workload().size());
  }

  /** What the JSON says before its races. */
  private Map<String, Object> head(BenchPlan plan, DeviceSelection selection) {
    Map<String, Object> head = new LinkedHashMap<>();
    head.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    head.put("loadAverageBefore", Machine.load());
    head.put("machine", Machine.describe());
    head.put("settings", settings());
    head.put("leftOut", plan.leftOut());
    head.put("notTimed", selection.left());
    return head;
  }

  private Map<String, Object> settings() {
    RaceSettings race = extent.settings();
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("extent", extent.extent().name().toLowerCase(Locale.ROOT));
    settings.put("backendsAsked", backends);
    settings.put("sizesAsked", sizes);
    settings.put("dtypesAsked", types.stream().map(DTypeConverter::name).toList());
    settings.put("leastRounds", race.rounds());
    settings.put("warmUpMillis", race.warmUp().toMillis());
    settings.put("sampleMillis", race.sample().toMillis());
    settings.put("restMillis", race.pause().toMillis());
    settings.put("restMillisAfterPeers", peers().stream().collect(
        Collectors.toMap(Peer::name, peer -> peer.rest().toMillis())));
    settings.put("orderSeed", race.seed());
    settings.put("secondsAsked", seconds);
    settings.put("raceBudgetMillis", seconds == null ? race.budget().toMillis() : null);
    settings.put("threads", threads());
    return settings;
  }
}
