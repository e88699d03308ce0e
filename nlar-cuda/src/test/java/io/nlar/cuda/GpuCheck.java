package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Device;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Checks and measures the CUDA backend on a GPU without a build: one JSON object a line. Started by
 * {@code nlar-cuda/gpu-check}. Arguments choose among {@value #ALL}; default: all.
 */
final class GpuCheck {
  private static final String ALL = "bits graph stream wrap memory staging heap figures latency many large growth";

  private static boolean failed;

  private GpuCheck() {}

  private interface Check {
    String run();
  }

  public static void main(String[] args) {
    Set<String> chosen = new TreeSet<>(args.length == 0 ? Arrays.asList(ALL.split(" ")) : List.of(args));
    try (Device device = Backends.open("cuda")) {
      int ordinal = device.info().index();
      System.out.println("{\"device\": \"" + device.info().name() + "\", \"memoryBytes\": "
          + device.info().memoryBytes() + "}");
      run(chosen, "bits", () -> "\"cases\": " + GpuChecks.bits(device));
      run(chosen, "graph", () -> done(() -> GpuChecks.capturedGraph(ordinal)));
      run(chosen, "stream", () -> done(() -> GpuChecks.callersStream(ordinal)));
      run(chosen, "wrap", () -> done(() -> GpuChecks.wrappedAddresses(ordinal)));
      run(chosen, "memory", () -> done(() -> GpuChecks.memoryThatRunsOut(device)));
      run(chosen, "staging", () -> done(() -> GpuChecks.copiesInPieces(device)));
      run(chosen, "heap", () -> "\"bytes\": " + GpuChecks.heapBytesPerRun(device));
      for (long length : new long[] {1 << 20, 1 << 26, 1 << 30}) {
        run(chosen, "figures", () -> GpuFigures.againstCopy(device, length));
      }
      run(chosen, "latency", () -> GpuFigures.latency(device));
      run(chosen, "many", () -> GpuFigures.manyTensors(device));
      run(chosen, "large", () -> done(() -> GpuChecks.beyondTwoToTheThirtyOne(device)));
      run(chosen, "growth", () -> "\"bytes\": " + GpuChecks.growth(ordinal, 10_000));
    }
    if (failed) {
      System.exit(1);
    }
  }

  private static String done(Runnable check) {
    check.run();
    return "\"passed\": true";
  }

  private static void run(Set<String> chosen, String name, Check check) {
    if (!chosen.contains(name)) {
      return;
    }
    String outcome;
    try {
      outcome = check.run();
    } catch (RuntimeException | AssertionError failure) {
      failed = true;
      failure.printStackTrace();
      outcome = "\"failed\": \"" + String.valueOf(failure).replace('"', '\'').replace('\n', ' ') + "\"";
    }
    System.out.println("{\"check\": \"" + name + "\", " + outcome + "}");
  }
}
