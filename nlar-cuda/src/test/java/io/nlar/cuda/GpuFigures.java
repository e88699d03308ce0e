package io.nlar.cuda;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;

/** The figures by which the CUDA backend is measured, taken in turns. */
final class GpuFigures {
  private static final int ROUNDS = 9;
  /** Bytes a float32 parameter with momentum: one read for the norm, five read and four written by the update. */
  private static final long STEP_BYTES = 4 + 36;

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

  /** A model of equal tensors with its step. */
  private static final class Model implements AutoCloseable {
    final List<Buffer> buffers = new ArrayList<>();
    final Step step;

    Model(Device device, int tensors, long length) {
      List<Parameter> parameters = new ArrayList<>();
      for (int i = 0; i < tensors; i++) {
        Buffer value = device.allocate(DType.FLOAT32, length);
        Buffer gradient = device.allocate(DType.FLOAT32, length);
        ((CudaBuffer) gradient).fill(1e-3);
        buffers.add(value);
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

  /** The step at {@code length} parameters beside a copy on the device of as many bytes as the step's buffers allow. */
  static String againstCopy(Device device, long length) {
    try (Model model = new Model(device, 1, length)) {
      Driver driver = ((CudaDevice) device).driver();
      long from = ((CudaBuffer) model.buffers.get(0)).address();
      long to = ((CudaBuffer) model.buffers.get(1)).address();
      long bytes = length * Float.BYTES;
      int repetitions = (int) Math.max(2, (1L << 28) / length);
      double[] times = race(device, repetitions, List.of(runs(model.step), count -> {
        for (long i = 0; i < count; i++) {
          driver.copy(to, from, bytes);
        }
      }));
      double step = length * STEP_BYTES / times[0];
      double copy = 2 * bytes / times[1];
      return String.format(Locale.ROOT,
          "\"parameters\": %d, \"stepMicroseconds\": %.1f, \"stepGBs\": %.1f, \"copyGBs\": %.1f, \"ratio\": %.3f",
          length, times[0] / 1e3, step, copy, step / copy);
    }
  }

  /** 10 000 tensors of 4 Ki beside one tensor of as many elements. */
  static String manyTensors(Device device) {
    try (Model many = new Model(device, 10_000, 4096); Model one = new Model(device, 1, 10_000 * 4096L)) {
      double[] times = race(device, 10, List.of(runs(many.step), runs(one.step)));
      return String.format(Locale.ROOT,
          "\"manyMicroseconds\": %.1f, \"oneMicroseconds\": %.1f, \"ratio\": %.3f",
          times[0] / 1e3, times[1] / 1e3, times[0] / times[1]);
    }
  }

  /** From run() to completion at 64 Ki parameters. */
  static String latency(Device device) {
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
      return String.format(Locale.ROOT, "\"waitedMicroseconds\": %.2f, \"pipelinedMicroseconds\": %.2f",
          median(waited) / 1e3, pipelined / 1e3);
    }
  }
}
