package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Long runs leave no memory and no threads behind. */
@Tag("slow")
@EnabledOnOs(value = OS.LINUX, disabledReason = "memory and threads are read from /proc")
class SoakTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  /** What compilers, collectors and the C library's own caches may come to need; our own memory is counted exactly. */
  private static final long SLACK = 96L << 20;

  private static long status(String key) throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith(key + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  /** Memory outside the Java heap: what is resident less what the heap has taken from the system. */
  private static long nativeMemory() throws IOException {
    System.gc();
    return status("VmRSS") * 1024 - Runtime.getRuntime().totalMemory();
  }

  private static long ourThreads() {
    return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("nlar-cpu")).count();
  }

  @Test
  void aHundredThousandStepsNeedNoMoreMemoryThanTheFirst() throws IOException {
    try (Device device = Devices.open(2)) {
      Buffer value = device.allocate(DType.FLOAT32, 40_000);
      Buffer gradient = device.allocate(DType.FLOAT32, 40_000);
      try (Step step = device.compile(List.of(
          new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w", value, gradient)))))) {
        for (int i = 0; i < 10_000; i++) {
          step.await(step.run(1, 1));
        }
        long memory = nativeMemory();
        long threads = ourThreads();
        for (int i = 0; i < 90_000; i++) {
          step.await(step.run(1, 1));
        }
        assertFlat("100 000 steps", memory);
        assertEquals(threads, ourThreads());
        assertEquals(100_000, step.stats().applied());
      }
    }
  }

  /** Each cycle takes and gives back 4 MiB: 40 GB in all. */
  @Test
  void tenThousandCyclesOfOpeningAndClosingLeaveNothing() throws IOException {
    // The C library's arenas and the compiler's grow with the first thousands, then stay.
    for (int i = 0; i < 5000; i++) {
      cycle();
    }
    long held = NativeMemory.held();
    long memory = nativeMemory();
    for (int i = 0; i < 5000; i++) {
      cycle();
    }
    assertEquals(held, NativeMemory.held());
    assertFlat("10 000 cycles", memory);
    assertEquals(0, ourThreads());
  }

  private static void cycle() {
    try (Device device = Devices.open(2)) {
      Buffer value = device.allocate(DType.FLOAT32, 200_000);
      Buffer gradient = device.allocate(DType.FLOAT32, 200_000);
      Step step = device.compile(List.of(
          new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w", value, gradient)))));
      step.run(1, 1);
    }
  }

  private static void assertFlat(String what, long before) throws IOException {
    long after = nativeMemory();
    assertTrue(after - before < SLACK, () -> what + " took native memory from " + before + " to " + after + " bytes");
  }
}
