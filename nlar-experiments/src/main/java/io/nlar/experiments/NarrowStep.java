package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import io.nlar.Buffer;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.LossScale;
import io.nlar.ParameterGroup;
import io.nlar.RateHistogram;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * Nlar's step over values and gradients that are kept in 16 bits, beneath a network that computes in float32: forward and
 * backward passes see the values as they are kept, and their gradients are rounded to nearest before the step sees them. What
 * DJL itself would round within the passes is not rounded here; its PyTorch engine cannot train in bfloat16 on the CPU.
 */
final class NarrowStep implements TrainingStep {
  /** A tensor of the network, the buffers that stand for it, and room for its elements on the way. */
  private final class Tensor {
    private final String name;
    private final NDArray array;
    private final HostTensor values;
    private final Buffer value;
    private final Buffer gradient;
    private final double[] wide;
    private final MemorySegment narrow;

    Tensor(String name, NDArray array) {
      this.name = name;
      this.array = array;
      values = new HostTensor(array);
      wide = new double[values.length()];
      narrow = MemorySegment.ofArray(new short[wide.length]);
      value = device.allocate(type, wide.length);
      gradient = device.allocate(type, wide.length);
      values.read(wide);
      write(value, 1);
      show();
    }

    /** What is in {@code wide}, times a power of two, to a buffer. */
    private void write(Buffer buffer, double factor) {
      for (int i = 0; i < wide.length; i++) {
        type.set(narrow, i, wide[i] * factor);
      }
      buffer.copyFrom(narrow);
    }

    /** Has the network see the values as they are kept. */
    void show() {
      value.copyTo(narrow);
      for (int i = 0; i < wide.length; i++) {
        wide[i] = type.get(narrow, i);
      }
      values.write(wide);
    }

    void takeGradient(double factor) {
      try (NDArray from = array.getGradient()) {
        new HostTensor(from).read(wide);
        from.subi(from); // zeroed, as DJL does it
      }
      write(gradient, factor);
    }
  }

  private final IntToDoubleFunction schedule;
  private final Device device;
  private final DType type;
  private final List<Tensor> tensors = new ArrayList<>();
  private final Step step;
  /** Null where gradients have float32's range. */
  private final LossScale scale;
  /** How many steps there were. */
  private int steps;

  /**
   * Rounds the network's values to the type.
   *
   * @param schedule the factor of the rate in step 1, 2, …
   * @param type of values and gradients
   */
  NarrowStep(StepConfig config, IntToDoubleFunction schedule, DType type, Device device, Block block) {
    this.schedule = schedule;
    this.device = device;
    this.type = type;
    for (Pair<String, Parameter> parameter : block.getParameters()) {
      if (parameter.getValue().requiresGradient()) {
        tensors.add(new Tensor(parameter.getKey(), parameter.getValue().getArray()));
      }
    }
    step = device.compile(List.of(new ParameterGroup(config,
        tensors.stream().map(tensor -> new io.nlar.Parameter(tensor.name, tensor.value, tensor.gradient)).toList())));
    scale = switch (type) {
      case FLOAT16 -> new LossScale(step);
      case BFLOAT16, FLOAT32, FLOAT64, UINT16 -> null;
    };
  }

  @Override
  public void step(List<Parameter> parameters) {
    // A power of two: to scale the gradient is to scale the loss, but for what float32 itself would lose.
    double factor = scale == null ? 1 : scale.value();
    tensors.forEach(tensor -> tensor.takeGradient(factor));
    step.await(step.run(1 / factor, schedule.applyAsDouble(++steps)));
    if (scale != null) {
      scale.update();
    }
    tensors.forEach(Tensor::show);
  }

  @Override
  public void evaluate() {
    step.evaluate();
    tensors.forEach(Tensor::show);
  }

  @Override
  public void train() {
    step.train();
    tensors.forEach(Tensor::show);
  }

  private double control(Control scalar) {
    double[] scalars = new double[Control.LENGTH];
    step.control().copyTo(MemorySegment.ofArray(scalars));
    return scalars[scalar.ordinal()];
  }

  @Override
  public double norm() {
    return control(Control.NORM);
  }

  @Override
  public long skipped() {
    return (long) control(Control.SKIPPED);
  }

  @Override
  public void rates(List<Parameter> parameters, RateSink sink) {
    for (Tensor tensor : tensors) {
      float[] rates = new float[tensor.wide.length];
      step.learningRates(tensor.name, MemorySegment.ofArray(rates));
      for (float rate : rates) {
        sink.add(rate, 1);
      }
    }
  }

  @Override
  public double[] rateQuartiles() {
    RateHistogram rates = step.stats().rates();
    return new double[] {rates.quantile(0.25), rates.quantile(0.5), rates.quantile(0.75)};
  }

  @Override
  public void close() {
    step.close();
    tensors.forEach(tensor -> {
      tensor.value.close();
      tensor.gradient.close();
    });
  }
}
