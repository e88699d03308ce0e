package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.NonFinite;
import io.nlar.testkit.Layout;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/**
 * Checks and measures the CUDA backend on a GPU without a build. Started by {@code nlar-cuda/gpu-check}, which explains the
 * options. Whatever a check does, the others go on: without a GPU PyTorch is still timed, without PyTorch the rest is done.
 */
final class GpuCheck {
  private static final int SECONDS = 465;
  /** Beyond the time given, for a check that does not end. */
  private static final int GRACE_SECONDS = 15;
  /** Without this much time left no check begins. */
  private static final int LEAST_SECONDS = 5;
  /** Parameters of steps that are waited for. */
  private static final List<Long> LATENCIES = List.of(1L << 10, 1L << 16, 100L << 10);
  /** From one kernel to the next that is checked, so that a part of them has some of every storage, rule and form. */
  private static final int STRIDE = 37;

  private final GpuReport report;
  private final GpuExtent extent;
  private final GpuRivals rivals;
  private volatile String running = "device";

  private GpuCheck(GpuReport report, GpuExtent extent, GpuRivals rivals) {
    this.report = report;
    this.extent = extent;
    this.rivals = rivals;
  }

  public static void main(String[] args) {
    Set<String> chosen = new LinkedHashSet<>();
    Path json = Path.of("gpu-check.json");
    String python = "python3";
    int seconds = SECONDS;
    boolean small = false;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--json" -> json = Path.of(value(args, ++i));
        case "--python" -> python = value(args, ++i);
        case "--seconds" -> seconds = number(value(args, ++i));
        case "--small" -> small = true;
        default -> chosen.add(args[i]);
      }
    }
    GpuExtent extent = small ? GpuExtent.small(seconds) : GpuExtent.full(seconds);
    GpuCheck check = new GpuCheck(new GpuReport(json), extent, new GpuRivals(python, extent));
    Set<String> names = check.checks(null).keySet();
    if (!names.containsAll(chosen)) {
      chosen.removeAll(names);
      refuse("no check or option " + chosen + "; there are the checks " + names);
    }
    check.watch();
    // Threads of the driver's or of a check that hangs must not keep the process.
    Runtime.getRuntime().halt(check.run(chosen.isEmpty() ? names : chosen));
  }

  private static String value(String[] args, int i) {
    if (i == args.length) {
      refuse(args[i - 1] + " takes a value");
    }
    return args[i];
  }

  private static int number(String text) {
    try {
      int number = Integer.parseInt(text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, with numbers that are too small.
    }
    refuse("--seconds takes a whole number above 0, not " + text);
    return 0;
  }

  private static void refuse(String message) {
    System.err.println(message);
    System.exit(2);
  }

  /** Ends the process where a check does not. */
  private void watch() {
    Thread.ofPlatform().daemon().start(() -> {
      try {
        Thread.sleep(Math.max(0, (long) (1000 * (extent.secondsLeft() + GRACE_SECONDS))));
      } catch (InterruptedException e) {
        return;
      }
      report.add(running, Finding.failed("it had not ended when the time was over"), 0);
      Runtime.getRuntime().halt(Math.max(1, report.end()));
    });
  }

  private int run(Set<String> names) {
    report.head("date", Instant.now().toString());
    report.head("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
        + System.getProperty("os.arch") + ", Java " + System.getProperty("java.version"));
    Device device = null;
    try {
      device = Backends.open("cuda");
      report.head("device", device.info().name());
      report.head("memoryBytes", device.info().memoryBytes());
    } catch (RuntimeException | LinkageError absent) {
      report.add(running, Finding.failed(String.valueOf(absent.getMessage())), 0);
    }
    Map<String, List<Callable<Finding>>> checks = checks(device);
    try {
      for (String name : names) {
        for (Callable<Finding> check : checks.get(name)) {
          run(name, device != null || name.equals("pytorch") ? check : () -> Finding.skipped("there is no device"));
        }
      }
    } finally {
      if (device != null) {
        device.close();
      }
    }
    return report.end();
  }

  private void run(String name, Callable<Finding> check) {
    running = name;
    long start = System.nanoTime();
    Finding finding;
    try {
      finding = extent.secondsLeft() < LEAST_SECONDS ? Finding.skipped("time") : check.call();
    } catch (Exception | AssertionError | LinkageError | OutOfMemoryError failure) {
      failure.printStackTrace();
      finding = Finding.failed(String.valueOf(failure));
    }
    report.add(name, finding, (System.nanoTime() - start) / 1e9);
  }

  /** All checks by name, the most telling first. */
  private Map<String, List<Callable<Finding>>> checks(Device device) {
    int ordinal = device == null ? 0 : device.info().index();
    GpuFigures figures = new GpuFigures(device, extent);
    Map<String, List<Callable<Finding>>> checks = new LinkedHashMap<>();
    checks.put("golden", List.of(() -> Finding.passed("traces", GpuChecks.golden(device))));
    checks.put("figures", sizes().stream().<Callable<Finding>>map(length -> () -> {
      Finding finding = figures.againstCopy(length);
      if (finding.fields().get("stepMicroseconds") instanceof Double microseconds) {
        rivals.note(length, microseconds);
      }
      return finding;
    }).toList());
    checks.put("modes", GpuFigures.TIMED.stream().flatMap(timed -> modeSizes().stream().<Callable<Finding>>map(length -> () -> {
      List<Finding> modes = figures.modes(timed, length);
      modes.subList(0, modes.size() - 1).forEach(finding -> report.add("modes", finding, 0));
      return modes.getLast();
    })).toList());
    checks.put("latency", LATENCIES.stream().<Callable<Finding>>map(length -> () -> figures.latency(length)).toList());
    checks.put("replay", List.of(() -> figures.replay(ordinal)));
    checks.put("many", counts().stream().<Callable<Finding>>map(count -> () -> figures.manyTensors(count)).toList());
    checks.put("pytorch", List.of(() -> rivals.run(finding -> report.add("rival", finding, 0))));
    checks.put("large", GpuChecks.VAST.stream().<Callable<Finding>>map(
        vast -> () -> GpuChecks.vast(device, vast.atMost(extent.mostBits()))).toList());
    checks.put("kernels", List.of(() -> kernels(device)));
    checks.put("racecheck", List.of(() -> GpuSanitizer.run("racecheck", extent)));
    checks.put("restore", List.of(() -> passed(() -> GpuChecks.restore(device))));
    checks.put("graph", List.of(() -> passed(() -> GpuChecks.capturedGraph(ordinal)),
        () -> passed(() -> GpuChecks.waitingInACapture(ordinal))));
    checks.put("stream", List.of(() -> passed(() -> GpuChecks.callersStream(ordinal))));
    checks.put("wrap", List.of(() -> passed(() -> GpuChecks.wrappedAddresses(ordinal))));
    checks.put("memory", List.of(() -> passed(() -> GpuChecks.memoryThatRunsOut(device))));
    checks.put("failure", List.of(() -> passed(() -> GpuFailure.inAProcessOfItsOwn(ordinal))));
    checks.put("staging", List.of(() -> passed(() -> GpuChecks.copiesInPieces(device))));
    checks.put("heap", List.of(() -> Finding.atMost("bytes", GpuChecks.heapBytesPerRun(device), 1)));
    checks.put("bits", List.of(() -> Finding.passed("cases", GpuChecks.bits(device))));
    checks.put("contract", List.of(() -> Finding.passed("tests", GpuContract.run(extent.share()))));
    checks.put("growth", List.of(
        () -> Finding.atMost("residentMiB", GpuChecks.residentGrowth(device, extent.steps()) / 0x1p20, 16)
            .after("steps", extent.steps()),
        () -> Finding.atMost("bytes", GpuChecks.growth(ordinal, extent.cycles()), 0).after("cycles", extent.cycles())));
    for (String tool : List.of("memcheck", "synccheck")) {
      checks.put(tool, List.of(() -> GpuSanitizer.run(tool, extent)));
    }
    return checks;
  }

  /** 1 Ki … 1 Gi parameters. */
  private List<Long> sizes() {
    List<Long> sizes = new ArrayList<>();
    for (int bits : new int[] {10, 12, 16, 20, 22, 24, 26, 28, 30}) {
      if (1L << bits <= extent.mostParameters()) {
        sizes.add(1L << bits);
      }
    }
    return sizes;
  }

  /** Of these 4 Ki … 256 Mi, for what is timed in every way to keep numbers. */
  private List<Long> modeSizes() {
    return sizes().stream().filter(size -> Set.of(1L << 12, 1L << 22, 1L << 26, 1L << 28).contains(size)).toList();
  }

  /** 1 … 100 000 tensors. */
  private List<Integer> counts() {
    List<Integer> counts = new ArrayList<>();
    for (int count = 1; count <= 100_000 && count * GpuFigures.SMALL <= extent.mostParameters(); count *= 10) {
      counts.add(count);
    }
    return counts;
  }

  /** Every kernel, or one of so many, on each of its paths, as far as the time goes; says how many. */
  private Finding kernels(Device device) {
    int[] lengths = KernelPaths.lengths(40, 515, 1027, 4099, 9001);
    List<KernelPaths.Kind> kinds = KernelPaths.everyKernel();
    List<KernelPaths.Kind> chosen = IntStream.range(0, STRIDE).boxed()
        .flatMap(first -> IntStream.iterate(first, i -> i < kinds.size(), i -> i + STRIDE).mapToObj(kinds::get))
        .limit(Math.ceilDiv(kinds.size(), extent.share())).toList();
    int all = chosen.size();
    for (int done = 0; done < all; done++) {
      if (extent.secondsLeft() < LEAST_SECONDS) {
        return Finding.skipped("time, after " + done + " of " + all).after("kernels", done);
      }
      KernelPaths.Kind kind = chosen.get(done);
      KernelPaths.run(device, kind.toString(), KernelPaths.groups(kind, lengths, true, NonFinite.AUTO), Layout.SLICED, 1)
          .ifPresent(difference -> {
            throw new AssertionError(difference.toString());
          });
    }
    return Finding.passed("kernels", all);
  }

  private interface Action {
    void run() throws Exception;
  }

  private static Finding passed(Action check) throws Exception {
    check.run();
    return Finding.passed();
  }
}
