package io.nlar.cuda;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Precision;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.spi.queue.QueueBuffer;
import io.nlar.testkit.HostValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/** The figures by which the CUDA backend is measured, taken in turns. */
final class GpuFigures {
  /** Bytes a float32 parameter with momentum: one read for the norm, five read and four written by the update. */
  static final long STEP_BYTES = 4 + 36;
  /** From here on the copy's speed must be reached. */
  static final long LARGE = 1 << 26;
  /** Parameters of a small tensor. */
  static final long SMALL = 4096;
  /** Bytes a parameter on the device: value, gradient, three of state, and where the copy goes. */
  private static final long MEMORY_BYTES = 24;
  private static final double LEAST_SHARE_OF_COPY = 0.95;
  private static final double MOST_FOR_MANY = 1.05;
  private static final double MOST_MICROSECONDS = 15;
  /** Random numbers before they repeat. */
  private static final int PERIOD = 1 << 16;

  /**
   * A way to keep numbers.
   *
   * @param bytes what a step of Nlarcm moves a parameter: gradient twice, value and three tensors of state, read and written
   * @param stateBytes what it moves of one of these
   * @param memoryBytes a parameter on the device, without state
   * @param leastGain by how much Nlarcm must be faster than all of it in float32, on large models
   */
  private record Mode(String name, DType type, Precision precision, long bytes, long stateBytes, long memoryBytes,
      double leastGain) {}

  /** 0.9 of what their bytes promise; state in 16 bits, a remainder behind bfloat16, none, a master of float16. */
  private static final List<Mode> MODES = List.of(
      new Mode("float32", DType.FLOAT32, Precision.full(), STEP_BYTES, 8, 8, 1),
      new Mode("compact", DType.FLOAT32, Precision.compact(), 28, 4, 8, 1.25),
      new Mode("bfloat16 and remainder", DType.BFLOAT16, Precision.compact(), 24, 4, 6, 1.5),
      new Mode("bfloat16 alone", DType.BFLOAT16, Precision.compact().withMaster(Precision.Master.NONE), 20, 4, 4, 1.75),
      new Mode("float16 and master", DType.FLOAT16, Precision.compact(), 26, 4, 8, 1.35));

  /** What is timed in all modes; {@code slots}: tensors of state. */
  record Timed(String name, StepConfig config, int slots) {
    /** Whether its modes have targets. */
    boolean hasTargets() {
      return this == TIMED.getFirst();
    }

    private long bytes(Mode mode) {
      return mode.bytes - (3 - slots) * mode.stateBytes;
    }

    private long memoryBytes() {
      return MODES.stream().mapToLong(mode -> mode.memoryBytes + slots * mode.stateBytes / 2).sum();
    }
  }

  /** Nlarcm first, and the averaged rules. */
  static final List<Timed> TIMED = List.of(new Timed("Nlarcm", StepConfig.nlarcm(), 3),
      new Timed("Nlarsf", StepConfig.nlarsf(), 2), new Timed("Schedule-Free AdamW", StepConfig.scheduleFree(), 2));

  private final Device device;
  private final GpuExtent extent;

  GpuFigures(Device device, GpuExtent extent) {
    this.device = device;
    this.extent = extent;
  }

  /** Medians in nanoseconds of actions that take turns; each is called with a count of repetitions. */
  private double[] race(List<LongConsumer> actions) {
    long[] repetitions = actions.stream().mapToLong(this::repetitions).toArray();
    double[][] times = new double[actions.size()][extent.rounds()];
    for (int round = -1; round < extent.rounds(); round++) {
      for (int i = 0; i < actions.size(); i++) {
        double nanos = nanos(actions.get(i), repetitions[i]) / (double) repetitions[i];
        if (round >= 0) {
          times[i][round] = nanos;
        }
      }
    }
    return Arrays.stream(times).mapToDouble(GpuFigures::median).toArray();
  }

  private long nanos(LongConsumer action, long repetitions) {
    device.synchronize();
    long start = System.nanoTime();
    action.accept(repetitions);
    device.synchronize();
    return System.nanoTime() - start;
  }

  /** As many as a sample takes, by what some take once all is warm; at least 2. */
  private long repetitions(LongConsumer action) {
    nanos(action, 2);
    long count = 2;
    for (long nanos = nanos(action, count); nanos < extent.sampleNanos(); nanos = nanos(action, count)) {
      count = Math.max(2 * count, Math.min(16 * count, extent.sampleNanos() * count / Math.max(1, nanos)));
    }
    return count;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static LongConsumer runs(Step step) {
    return count -> {
      for (long i = 0; i < count; i++) {
        step.run();
      }
    };
  }

  /** Random numbers, over and over: equal ones would cost less power, and take the quickest ways through the kernel. */
  private static Buffer random(Device device, DType type, long length, double scale, long seed) {
    Buffer buffer = device.allocate(type, length);
    SplittableRandom random = new SplittableRandom(seed);
    double[] numbers = new double[(int) Math.min(length, PERIOD)];
    Arrays.setAll(numbers, i -> scale * random.nextGaussian());
    ((CudaDevice) device).queue().repeat(address(buffer), buffer.byteSize(), HostValues.segment(type, numbers));
    return buffer;
  }

  private static long address(Buffer buffer) {
    return ((QueueBuffer) buffer).place();
  }

  /** A model of equal tensors, side by side in two buffers, with its step. */
  private static final class Model implements AutoCloseable {
    final Buffer values;
    final Buffer gradients;
    final Step step;

    Model(Device device, int tensors, long length) {
      this(device, TIMED.getFirst(), MODES.getFirst(), tensors, length);
    }

    Model(Device device, Timed timed, Mode mode, int tensors, long length) {
      values = random(device, mode.type, tensors * length, 1, 1);
      gradients = random(device, mode.type, tensors * length, 1e-3, 2);
      List<Parameter> parameters = new ArrayList<>();
      for (int i = 0; i < tensors; i++) {
        parameters.add(
            new Parameter("t" + i, values.slice(i * length, length), gradients.slice(i * length, length)));
      }
      step = device.compile(List.of(new ParameterGroup(timed.config.withPrecision(mode.precision), parameters)));
    }

    @Override
    public void close() {
      step.close();
      gradients.close();
      values.close();
    }
  }

  private boolean fits(long parameters, long bytesEach) {
    return GpuChecks.hasMemory(device, parameters * bytesEach + (1L << 30));
  }

  /** The step at {@code length} parameters beside a copy of the values on the device. */
  Finding againstCopy(long length) {
    if (!fits(length, MEMORY_BYTES)) {
      return Finding.skipped("memory").after("parameters", length);
    }
    try (Model model = new Model(device, 1, length); Buffer copied = device.allocate(DType.FLOAT32, length)) {
      Driver driver = ((CudaDevice) device).queue();
      long from = address(model.values);
      long to = address(copied);
      long bytes = length * Float.BYTES;
      double[] times = race(List.of(runs(model.step), count -> {
        for (long i = 0; i < count; i++) {
          driver.copy(to, from, bytes);
        }
      }));
      double step = length * STEP_BYTES / times[0];
      double copy = 2 * bytes / times[1];
      Finding share = length < LARGE
          ? Finding.figure("ratio", step / copy)
          : Finding.atLeast("ratio", step / copy, LEAST_SHARE_OF_COPY);
      return share.after("copyGBs", copy).after("stepGBs", step).after("stepMicroseconds", times[0] / 1e3)
          .after("parameters", length);
    }
  }

  /** A rule's step at {@code length} parameters in every way to keep them, in turns: a finding for each. */
  List<Finding> modes(Timed timed, long length) {
    if (!fits(length, timed.memoryBytes())) {
      return List.of(Finding.skipped("memory").after("parameters", length).after("rule", timed.name));
    }
    List<Model> models = new ArrayList<>();
    try {
      MODES.forEach(mode -> models.add(new Model(device, timed, mode, 1, length)));
      double[] times = race(models.stream().map(model -> runs(model.step)).toList());
      List<Finding> findings = new ArrayList<>();
      for (int i = 0; i < times.length; i++) {
        Mode mode = MODES.get(i);
        double gain = times[0] / times[i];
        Finding judged = length < LARGE || i == 0 || !timed.hasTargets()
            ? Finding.figure("gain", gain)
            : Finding.atLeast("gain", gain, mode.leastGain);
        findings.add(judged.after("stepGBs", length * timed.bytes(mode) / times[i])
            .after("stepMicroseconds", times[i] / 1e3).after("parameters", length).after("mode", mode.name)
            .after("rule", timed.name));
      }
      return findings;
    } finally {
      models.forEach(Model::close);
    }
  }

  /** Tensors of 4 Ki beside one tensor of as many elements. */
  Finding manyTensors(int count) {
    // Both models at once, without a copy.
    if (!fits(count * SMALL, 2 * (MEMORY_BYTES - Float.BYTES))) {
      return Finding.skipped("memory").after("tensors", (long) count);
    }
    try (Model many = new Model(device, count, SMALL); Model one = new Model(device, 1, count * SMALL)) {
      double[] times = race(List.of(runs(many.step), runs(one.step)));
      Finding ratio = count * SMALL < LARGE
          ? Finding.figure("ratio", times[0] / times[1])
          : Finding.atMost("ratio", times[0] / times[1], MOST_FOR_MANY);
      return ratio.after("oneMicroseconds", times[1] / 1e3).after("manyMicroseconds", times[0] / 1e3)
          .after("tensors", (long) count);
    }
  }

  /** From run() to completion. */
  Finding latency(long length) {
    try (Model model = new Model(device, 1, length)) {
      double[] waited = new double[Math.min(2000, extent.steps())];
      for (int i = -waited.length / 4; i < waited.length; i++) {
        long start = System.nanoTime();
        model.step.await(model.step.run());
        if (i >= 0) {
          waited[i] = System.nanoTime() - start;
        }
      }
      double pipelined = race(List.of(runs(model.step)))[0];
      return Finding.atMost("waitedMicroseconds", median(waited) / 1e3, MOST_MICROSECONDS)
          .after("pipelinedMicroseconds", pipelined / 1e3).after("parameters", length);
    }
  }

  /** A captured step of 1 Ki parameters, replayed, beside one that is run. */
  Finding replay(int ordinal) {
    double[] times = new double[2];
    GpuChecks.onOwnStream(ordinal, (context, stream, own) -> {
      try (Model model = new Model(own, 1, 1 << 10);
          GpuGraph graph = GpuGraph.capture(context, stream, own, model.step::run)) {
        System.arraycopy(new GpuFigures(own, extent).race(List.of(count -> {
          for (long i = 0; i < count; i++) {
            graph.launch();
          }
        }, runs(model.step))), 0, times, 0, 2);
      }
    });
    return Finding.figure("runMicroseconds", times[1] / 1e3).after("replayMicroseconds", times[0] / 1e3);
  }
}
