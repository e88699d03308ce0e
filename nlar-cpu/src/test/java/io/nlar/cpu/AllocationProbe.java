package io.nlar.cpu;

import com.sun.management.ThreadMXBean;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.LossScale;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** Counts what compiled steps allocate; where it is something, prints from where. */
final class AllocationProbe {
  static final int NOTHING = 0;
  static final int SOMETHING = 3;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int STEPS = 2000;
  private static final int LENGTH = 1500;
  private static final int ROUNDS = 30;
  private static final int RECORDED_STEPS = 100_000;
  private static final String SAMPLE = "jdk.ObjectAllocationInNewTLAB";

  private AllocationProbe() {}

  public static void main(String[] args) throws IOException {
    List<StepConfig> configs = List.of(StepConfig.nlarcm(), StepConfig.nlarsm(),
        StepConfig.nlarcm().withScaling(new Scaling.TensorNorm(1)),
        StepConfig.nlarpm().withNoise(new Noise.Fresh(1)).withScaling(new Scaling.Soft(1)).withWeightDecay(0.1));
    boolean nothing = true;
    for (int threads = 1; threads <= 2; threads++) {
      for (StepConfig config : configs) {
        nothing &= allocatesNothing(threads, DType.FLOAT32, config);
      }
      for (Precision precision : List.of(Precision.compact(), Precision.compact().withMaster(Precision.Master.NONE))) {
        nothing &= allocatesNothing(threads, DType.BFLOAT16, StepConfig.nlarcm().withPrecision(precision));
      }
      nothing &= allocatesNothing(threads, DType.FLOAT16, StepConfig.nlarcm().withPrecision(Precision.compact()));
      nothing &= allocatesNothing(threads, DType.FLOAT32, StepConfig.nlarcm().withPrecision(Precision.compact()));
    }
    System.exit(nothing ? NOTHING : SOMETHING);
  }

  private static boolean allocatesNothing(int threads, DType type, StepConfig config) throws IOException {
    try (Device device = Devices.open(threads);
        Buffer values = buffer(device, type);
        Buffer gradients = buffer(device, type);
        Step step = device.compile(List.of(new ParameterGroup(config, List.of(
            new Parameter("heap", values, gradients),
            new Parameter("native", device.allocate(type, 1100), device.allocate(type, 1100))))))) {
      LossScale scale = config.scaling().needsReduction() ? new LossScale(step) : null;
      double least = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS && least >= 1; round++) {
        long before = THREADS.getTotalThreadAllocatedBytes();
        run(step, scale, STEPS);
        least = Math.min(least, (double) (THREADS.getTotalThreadAllocatedBytes() - before) / STEPS);
      }
      if (least >= 1) {
        System.out.println("at least " + least + " bytes a step, on " + threads + " threads, " + type + " under " + config);
        System.out.println(samples(step, scale));
      }
      return least < 1;
    }
  }

  /** An array of 0.25. */
  private static Buffer buffer(Device device, DType type) {
    if (type.bytes() == Short.BYTES) {
      short[] array = new short[LENGTH];
      Arrays.fill(array, type == DType.FLOAT16 ? Float.floatToFloat16(0.25f) : (short) 0x3e80);
      return device.wrap(type, MemorySegment.ofArray(array));
    }
    float[] array = new float[LENGTH];
    Arrays.fill(array, 0.25f);
    return device.wrap(type, MemorySegment.ofArray(array));
  }

  private static void run(Step step, LossScale scale, int steps) {
    for (int i = 0; i < steps; i++) {
      if (scale == null) {
        step.await(step.run(1, 1));
      } else {
        step.await(step.run(scale.inverse(), 1));
        scale.update();
      }
    }
  }

  /** Where objects are allocated, the most frequent first. */
  static String samples(Step step, LossScale scale) throws IOException {
    Path file = Files.createTempFile("nlar", ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable(SAMPLE).withStackTrace();
      recording.start();
      run(step, scale, RECORDED_STEPS);
      recording.stop();
      recording.dump(file);
      Map<String, Long> counts = RecordingFile.readAllEvents(file).stream()
          .collect(Collectors.groupingBy(AllocationProbe::text, Collectors.counting()));
      return counts.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed()).limit(5)
          .map(entry -> entry.getValue() + " times " + entry.getKey()).collect(Collectors.joining("\n"));
    } finally {
      Files.delete(file);
    }
  }

  private static String text(RecordedEvent event) {
    Function<RecordedFrame, String> frame = f -> "  at " + f.getMethod().getType().getName() + "."
        + f.getMethod().getName() + ":" + f.getLineNumber() + " (" + f.getType() + ")";
    String stack = event.getStackTrace() == null ? "" : event.getStackTrace().getFrames().stream().limit(20).map(frame)
        .collect(Collectors.joining("\n"));
    return event.getClass("objectClass").getName() + "\n" + stack;
  }
}
