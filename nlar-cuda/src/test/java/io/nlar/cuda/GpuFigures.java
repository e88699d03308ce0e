package io.nlar.cuda;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.spi.queue.QueueBuffer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/** The figures by which the CUDA backend is measured, taken in turns. */
final class GpuFigures {
  private static final int ROUNDS = 9;
  /** Bytes a float32 parameter with momentum: one read for the norm, five read and four written by the update. */
  private static final long STEP_BYTES = 4 + 36;
  /** Bytes a parameter on the device: value, gradient, three of state, and where the copy goes. */
  private static final long MEMORY_BYTES = 24;
  /** From here on the copy's speed must be reached. */
  private static final long LARGE = 1 << 26;
  private static final double LEAST_SHARE_OF_COPY = 0.9;
  private static final double MOST_FOR_MANY = 1.5;
  private static final double MOST_MICROSECONDS = 15;
  /** Random numbers before they repeat. */
  private static final int PERIOD = 1 << 16;

  private GpuFigures() {}

  /** Medians in nanoseconds of actions that take turns; each is called with a count of repetitions. */
  private static double[] race(Device device, int repetitions, List<LongConsumer> actions) {
    double[][] times = new double[actions.size()][ROUNDS];
    for (int round = -2; round < ROUNDS; round++) {
      for (int i = 0; i < actions.size(); i++) {
        device.synchronize();
        long start = System.nanoTime();
        actions.get(i).accept(repetitions);
        device.synchronize();
        if (round >= 0) {
          times[i][round] = (System.nanoTime() - start) / (double) repetitions;
        }
      }
    }
    return Arrays.stream(times).mapToDouble(GpuFigures::median).toArray();
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
  private static Buffer random(Device device, long length, double scale, long seed) {
    Buffer buffer = device.allocate(DType.FLOAT32, length);
    SplittableRandom random = new SplittableRandom(seed);
    int period = (int) Math.min(length, PERIOD);
    float[] numbers = new float[period];
    for (int i = 0; i < period; i++) {
      numbers[i] = (float) (scale * random.nextGaussian());
    }
    ((CudaDevice) device).queue().repeat(address(buffer), buffer.byteSize(), MemorySegment.ofArray(numbers));
    return buffer;
  }

  private static long address(Buffer buffer) {
    return ((QueueBuffer) buffer).place();
  }

  /** A model of equal tensors with its step. */
  private static final class Model implements AutoCloseable {
    final List<Buffer> buffers = new ArrayList<>();
    final Step step;

    Model(Device device, int tensors, long length) {
      List<Parameter> parameters = new ArrayList<>();
      for (int i = 0; i < tensors; i++) {
        Buffer value = random(device, length, 1, 2 * i);
        buffers.add(value);
        Buffer gradient = random(device, length, 1e-3, 2 * i + 1);
        buffers.add(gradient);
        parameters.add(new Parameter("t" + i, value, gradient));
      }
      step = device.compile(List.of(new ParameterGroup(StepConfig.nlarcm(), parameters)));
    }

    @Override
    public void close() {
      step.close();
      buffers.forEach(Buffer::close);
    }
  }

  /** The step at {@code length} parameters beside a copy of the values on the device. */
  static Finding againstCopy(Device device, long length) {
    if (!GpuChecks.hasMemory(device, length * MEMORY_BYTES + (1L << 30))) {
      return Finding.skipped("memory").after("parameters", length);
    }
    try (Model model = new Model(device, 1, length); Buffer copied = device.allocate(DType.FLOAT32, length)) {
      Driver driver = ((CudaDevice) device).queue();
      long from = address(model.buffers.getFirst());
      long to = address(copied);
      long bytes = length * Float.BYTES;
      int repetitions = (int) Math.max(2, (1L << 28) / length);
      double[] times = race(device, repetitions, List.of(runs(model.step), count -> {
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

  /** 10 000 tensors of 4 Ki beside one tensor of as many elements. */
  static Finding manyTensors(Device device) {
    try (Model many = new Model(device, 10_000, 4096); Model one = new Model(device, 1, 10_000 * 4096L)) {
      double[] times = race(device, 10, List.of(runs(many.step), runs(one.step)));
      return Finding.atMost("ratio", times[0] / times[1], MOST_FOR_MANY)
          .after("oneMicroseconds", times[1] / 1e3).after("manyMicroseconds", times[0] / 1e3);
    }
  }

  /** From run() to completion at 64 Ki parameters. */
  static Finding latency(Device device) {
    try (Model model = new Model(device, 1, 1 << 16)) {
      double[] waited = new double[2000];
      for (int i = -500; i < waited.length; i++) {
        long start = System.nanoTime();
        model.step.await(model.step.run());
        if (i >= 0) {
          waited[i] = System.nanoTime() - start;
        }
      }
      double pipelined = race(device, 1000, List.of(runs(model.step)))[0];
      return Finding.atMost("waitedMicroseconds", median(waited) / 1e3, MOST_MICROSECONDS)
          .after("pipelinedMicroseconds", pipelined / 1e3);
    }
  }
}
