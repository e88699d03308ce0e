package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Looks at the stacks of threads that work on steps, and prints how many frames there are from {@code Step.run}, or from
 * a worker's loop, to the kernels: of each kernel the most. In a JVM that shows the frames of hidden classes.
 */
final class CallDepth {
  private static final int TENSORS = 100;
  private static final int LENGTH = 2000;
  private static final int LOOKS = 1000;
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private CallDepth() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.out.println("caller " + depths(1, Step::run, "runner", "run"));
    System.out.println("caller with scalars " + depths(1, step -> step.run(1, 1), "runner", "run"));
    System.out.println("worker " + depths(TENSORS, Step::run, "nlar-cpu-team", "serve"));
  }

  private static Map<String, Integer> depths(
      int tensors, Consumer<Step> run, String thread, String outermost) throws InterruptedException {
    CpuSettings settings = new CpuSettings(2, CpuSettings.read().vectorBits(), CpuSettings.Cut.MEASURED, List.of());
    try (Device device = Devices.open(settings)) {
      Step step = device.compile(List.of(new ParameterGroup(StepConfig.nlarcm(), IntStream.range(0, tensors)
          .mapToObj(i -> new Parameter("w" + i, device.allocate(DType.FLOAT32, LENGTH),
              device.allocate(DType.FLOAT32, LENGTH))).toList())));
      Thread runner = new Thread(() -> {
        while (!Thread.interrupted()) {
          run.accept(step);
        }
      }, "runner");
      runner.start();
      Map<String, Integer> most = new TreeMap<>();
      long end = System.nanoTime() + PATIENCE_NANOS;
      for (int looks = 0; (looks < LOOKS || most.size() < 2) && System.nanoTime() < end; looks++) {
        Thread.getAllStackTraces().forEach((each, stack) -> {
          if (each.getName().startsWith(thread)) {
            look(stack, outermost, most);
          }
        });
      }
      runner.interrupt();
      runner.join();
      return most;
    }
  }

  /** Where a kernel is at work: counts the frames from its {@code run} to the outermost one of the library. */
  private static void look(StackTraceElement[] stack, String outermost, Map<String, Integer> most) {
    int kernel = -1;
    for (int frame = 0; frame < stack.length; frame++) {
      String type = stack[frame].getClassName();
      String method = stack[frame].getMethodName();
      if (type.startsWith("io.nlar.cpu.kernel.") && method.equals("run")) {
        kernel = frame;
      } else if (kernel >= 0 && method.equals(outermost)
          && (type.equals("io.nlar.internal.CompiledStep") || type.equals(Team.class.getName()))) {
        String name = stack[kernel].getClassName().contains(".Sums") ? "sums" : "update";
        most.merge(name, frame - kernel + 1, Math::max);
      }
    }
  }
}
