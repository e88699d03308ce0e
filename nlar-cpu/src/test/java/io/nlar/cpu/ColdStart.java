package io.nlar.cpu;

import com.sun.management.OperatingSystemMXBean;
import io.nlar.ArrayStep;
import io.nlar.StepConfig;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;

/**
 * In a fresh JVM: takes steps, waiting where told so until a kernel is compiled, and prints the processor time of the process
 * that the first ones took, and a hash of the values' bits after all.
 */
final class ColdStart {
  static final int STEPS = 400;
  static final int ALL_STEPS = 4000;
  static final int ELEMENTS = 20_000;

  private ColdStart() {}

  public static void main(String[] arguments) throws InterruptedException {
    boolean wait = arguments[0].equals("wait");
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    double[] values = new Random(1).doubles(ELEMENTS, -1, 1).toArray();
    double[] gradients = new Random(2).doubles(ELEMENTS, -1, 1).toArray();
    boolean rehearsed = false;
    try (ArrayStep step = ArrayStep.builder(StepConfig.nlarcm()).add("w", values, gradients).open()) {
      long start = system.getProcessCpuTime();
      for (int i = 0; i < ALL_STEPS; i++) {
        if (i == STEPS) {
          System.out.println("milliseconds: " + (system.getProcessCpuTime() - start) / 1_000_000);
        }
        step.run();
        rehearsed |= wait && waitForKernels();
      }
    }
    System.out.println("rehearsed: " + rehearsed);
    System.out.println("bits: " + Arrays.hashCode(values));
  }

  /** Waits until no kernel is being compiled; whether one was. */
  private static boolean waitForKernels() throws InterruptedException {
    boolean found = false;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("nlar-cpu-kernels")) {
        thread.join();
        found = true;
      }
    }
    return found;
  }
}
