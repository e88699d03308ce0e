package io.nlar.bench.contest;

import io.nlar.bench.cli.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a race fits into memory, told before anything is allocated. */
public final class MemoryCheck {
  /** A part of the memory is left to the system. */
  private static final double USABLE = 0.9;

  private static final Path MEMORY_INFO = Path.of("/proc/meminfo");

  private MemoryCheck() {}

  /** Why a race does not fit, with the arithmetic; empty if it does. */
  public static Optional<String> problem(RaceSpec race) {
    return problem(race, available(race.workload()));
  }

  static Optional<String> problem(RaceSpec race, long available) {
    Workload workload = race.workload();
    List<String> terms = new ArrayList<>();
    long total;
    try {
      total = Math.multiplyExact(2, workload.arrayBytes());
      terms.add(Sizes.bytes(total) + " values and gradients");
      for (Entrant entrant : race.entrants()) {
        if (entrant.unavailable(workload).isEmpty()) {
          long bytes = entrant.memoryBytes(workload);
          total = Math.addExact(total, bytes);
          terms.add(Sizes.bytes(bytes) + " " + entrant.name());
        }
      }
    } catch (ArithmeticException beyond) {
      return Optional.of(Sizes.count(workload.size()) + " parameters of " + workload.type()
          + " take more bytes than 64 bits count");
    }
    if (total <= available) {
      return Optional.empty();
    }
    return Optional.of(Sizes.count(workload.size()) + " parameters of " + workload.type() + " on "
        + workload.device().selector() + " take " + String.join(" + ", terms) + " = " + Sizes.bytes(total)
        + ", but only " + Sizes.bytes(available) + " can be used; take a smaller --size");
  }

  /** Bytes that may be allocated: what the device has, and on host memory what is free of it now. */
  private static long available(Workload workload) {
    long device = workload.device().memoryBytes();
    if (!workload.device().nativeMemory()) {
      return (long) (USABLE * device);
    }
    try {
      return (long) (USABLE * Math.min(device, Files.readAllLines(MEMORY_INFO).stream()
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(device)));
    } catch (IOException notLinux) {
      return (long) (USABLE * device);
    }
  }
}
