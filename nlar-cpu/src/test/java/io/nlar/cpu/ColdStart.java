package io.nlar.cpu;

import com.sun.management.OperatingSystemMXBean;
import io.nlar.ArrayStep;
import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.StepConfig;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Random;

/**
 * In a fresh JVM: opens a device and takes steps, waiting where told so until a kernel is compiled. Prints the processor time of
 * opening and of the first step, those of the calling thread, on which so small a step is done; of the first steps that of the
 * whole process, its compilers too; and a hash of the values' bits after all.
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
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long opening = threads.getCurrentThreadCpuTime();
    try (Device device = Backends.open("cpu")) {
      print("device", threads.getCurrentThreadCpuTime() - opening);
      ArrayStep step = ArrayStep.builder(StepConfig.nlarcm()).add("w", values, gradients).on(device).open();
      long start = system.getProcessCpuTime();
      long first = threads.getCurrentThreadCpuTime();
      for (int i = 0; i < ALL_STEPS; i++) {
        if (i == STEPS) {
          print("steps", system.getProcessCpuTime() - start);
        }
        step.run();
        if (i == 0) {
          print("first", threads.getCurrentThreadCpuTime() - first);
        }
        rehearsed |= wait && waitForKernels();
      }
    }
    System.out.println("rehearsed: " + rehearsed);
    System.out.println("bits: " + Arrays.hashCode(values));
  }

  private static void print(String what, long nanoseconds) {
    System.out.println(what + ": " + nanoseconds / 1_000_000);
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
