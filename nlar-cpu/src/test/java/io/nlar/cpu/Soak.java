package io.nlar.cpu;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.process.ResidentMemory;
import java.io.IOException;
import java.util.List;

/**
 * In a JVM whose heap neither grows nor shrinks, so that what else is resident can be told: takes many steps, or opens and closes
 * many times, and prints what native memory and which threads there are before and after.
 */
final class Soak {
  static final int STEPS = 100_000;
  static final int CYCLES = 10_000;

  private Soak() {}

  public static void main(String[] arguments) throws IOException {
    switch (arguments[0]) {
      case "steps" -> steps();
      case "cycles" -> cycles();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void steps() throws IOException {
    try (Device device = Devices.open(2); Step step = step(device, 40_000)) {
      run(step, STEPS / 10);
      print("before");
      run(step, STEPS - STEPS / 10);
      print("after");
      System.out.println("applied: " + step.stats().applied());
    }
  }

  /** Each cycle takes and gives back 4 MiB: 40 GB in all. */
  private static void cycles() throws IOException {
    // The C library's arenas and the compiler's grow with the first thousands, then stay.
    cycles(CYCLES / 2);
    print("before");
    cycles(CYCLES / 2);
    print("after");
  }

  private static void cycles(int count) {
    for (int i = 0; i < count; i++) {
      try (Device device = Devices.open(2)) {
        // Left to the device to close.
        step(device, 200_000).run(1, 1);
      }
    }
  }

  private static Step step(Device device, int length) {
    Buffer value = device.allocate(DType.FLOAT32, length);
    Buffer gradient = device.allocate(DType.FLOAT32, length);
    return device.compile(List.of(
        new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w", value, gradient)))));
  }

  private static void run(Step step, int count) {
    for (int i = 0; i < count; i++) {
      step.await(step.run(1, 1));
    }
  }

  private static void print(String when) throws IOException {
    long resident = ResidentMemory.bytes();
    long threads = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("nlar-cpu")).count();
    System.out.println(when + ": resident " + resident + " held " + NativeMemory.held() + " threads " + threads);
  }
}
