package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Device;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/**
 * Checks and measures the CUDA backend on a GPU without a build: one JSON object a line. Started by
 * {@code nlar-cuda/gpu-check}. Arguments choose among the checks; default: all. Ends with 1 where one failed or missed
 * its target.
 */
final class GpuCheck {
  private GpuCheck() {}

  public static void main(String[] args) {
    boolean met = true;
    try (Device device = Backends.open("cuda")) {
      Map<String, List<Callable<Finding>>> checks = checks(device);
      Set<String> unknown = new TreeSet<>(Arrays.asList(args));
      unknown.removeAll(checks.keySet());
      if (!unknown.isEmpty()) {
        System.err.println("no check " + unknown + "; there are " + checks.keySet());
        System.exit(2);
      }
      System.out.println("{\"device\": \"" + device.info().name() + "\", \"memoryBytes\": "
          + device.info().memoryBytes() + "}");
      for (String name : args.length == 0 ? checks.keySet() : new TreeSet<>(Arrays.asList(args))) {
        for (Callable<Finding> check : checks.get(name)) {
          met &= run(name, check);
        }
      }
    }
    if (!met) {
      System.exit(1);
    }
  }

  private static Map<String, List<Callable<Finding>>> checks(Device device) {
    int ordinal = device.info().index();
    Map<String, List<Callable<Finding>>> checks = new LinkedHashMap<>();
    checks.put("bits", List.of(() -> Finding.passed("cases", GpuChecks.bits(device))));
    checks.put("golden", List.of(() -> Finding.passed("traces", GpuChecks.golden(device))));
    checks.put("restore", List.of(() -> passed(() -> GpuChecks.restore(device))));
    checks.put("contract", List.of(() -> Finding.passed("tests", GpuContract.run())));
    checks.put("graph", List.of(() -> passed(() -> GpuChecks.capturedGraph(ordinal)),
        () -> passed(() -> GpuChecks.waitingInACapture(ordinal))));
    checks.put("stream", List.of(() -> passed(() -> GpuChecks.callersStream(ordinal))));
    checks.put("wrap", List.of(() -> passed(() -> GpuChecks.wrappedAddresses(ordinal))));
    checks.put("memory", List.of(() -> passed(() -> GpuChecks.memoryThatRunsOut(device))));
    checks.put("failure", List.of(() -> passed(() -> GpuFailure.inAProcessOfItsOwn(ordinal))));
    checks.put("staging", List.of(() -> passed(() -> GpuChecks.copiesInPieces(device))));
    checks.put("heap", List.of(() -> Finding.atMost("bytes", GpuChecks.heapBytesPerRun(device), 1)));
    checks.put("figures", List.of(() -> GpuFigures.againstCopy(device, 1 << 20),
        () -> GpuFigures.againstCopy(device, 1 << 26), () -> GpuFigures.againstCopy(device, 1 << 30)));
    checks.put("latency", List.of(() -> GpuFigures.latency(device)));
    checks.put("many", List.of(() -> GpuFigures.manyTensors(device)));
    checks.put("large", List.of(() -> GpuChecks.hasMemory(device, GpuChecks.MEMORY_FOR_2_31)
        ? passed(() -> GpuChecks.beyondTwoToTheThirtyOne(device))
        : Finding.skipped("memory")));
    checks.put("growth", List.of(() -> Finding.atMost("bytes", GpuChecks.growth(ordinal, 10_000), 0)));
    return checks;
  }

  private interface Action {
    void run() throws Exception;
  }

  private static Finding passed(Action check) throws Exception {
    check.run();
    return Finding.passed();
  }

  private static boolean run(String name, Callable<Finding> check) {
    Finding finding;
    try {
      finding = check.call();
    } catch (Exception | AssertionError | LinkageError failure) {
      failure.printStackTrace();
      String text = String.valueOf(failure).replace('\\', '/').replace('"', '\'').replaceAll("\\s+", " ");
      finding = new Finding("\"failed\": \"" + text + "\"", false);
    }
    System.out.println("{\"check\": \"" + name + "\", " + finding.fields() + "}");
    return finding.met();
  }
}
