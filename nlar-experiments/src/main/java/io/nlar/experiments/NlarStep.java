package io.nlar.experiments;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.RateHistogram;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.djl.NlarOptimizer;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** A rule of the library through its DJL adapter: an estimator of Nlar, AdamW, NAdamW, Lion, Schedule-Free AdamW or Nlarsf. */
final class NlarStep implements TrainingStep {
  private final NlarOptimizer optimizer;
  private final Block block;
  private final StepConfig config;
  /** Of the last update; before it, of the first. */
  private double rateFactor;
  /** Whether there was an update, which compiles the step. */
  private boolean begun;

  NlarStep(StepConfig config, Device device, Block block) {
    this(config, step -> 1, device, block);
  }

  /**
   * A step whose rate is scaled.
   *
   * @param schedule the factor of update 1, 2, …
   */
  NlarStep(StepConfig config, IntToDoubleFunction schedule, Device device, Block block) {
    this.block = block;
    this.config = config;
    rateFactor = schedule.applyAsDouble(1);
    optimizer = NlarOptimizer.builder().optConfig(config).optDevice(device).optBlock(block)
        .optSchedule(step -> rateFactor = schedule.applyAsDouble(step)).build();
  }

  @Override
  public void step(List<Parameter> parameters) {
    for (Parameter parameter : parameters) {
      optimizer.update(parameter.getId(), parameter.getArray(), null);
    }
    begun = true;
  }

  @Override
  public void evaluate() {
    optimizer.evaluate();
  }

  @Override
  public void train() {
    optimizer.train();
  }

  @Override
  public double norm() {
    return begun ? control(Control.NORM) : Double.NaN;
  }

  @Override
  public long skipped() {
    return begun ? (long) control(Control.SKIPPED) : 0;
  }

  private double control(Control scalar) {
    double[] scalars = new double[Control.LENGTH];
    optimizer.step().control().copyTo(MemorySegment.ofArray(scalars));
    return scalars[scalar.ordinal()];
  }

  @Override
  public void rates(List<Parameter> parameters, RateSink sink) {
    if (!begun) {
      return;
    }
    Step step = optimizer.step();
    for (String name : step.parameters()) {
      Parameter parameter = block.getParameters().get(name);
      DType type = DType.valueOf(parameter.getArray().getDataType().name());
      long size = parameter.getArray().size();
      // Whole longs, for their alignment.
      MemorySegment rates = MemorySegment.ofArray(new long[Math.ceilDiv(Math.toIntExact(size * type.bytes()), Long.BYTES)])
          .asSlice(0, size * type.bytes());
      step.learningRates(name, rates);
      for (long i = 0; i < size; i++) {
        sink.add(type.get(rates, i) * rateFactor, 1);
      }
    }
  }

  @Override
  public double[] rateQuartiles() {
    if (!config.slots().contains(Slot.RATE) && !config.slots().contains(Slot.LOG_RATE)) {
      double rate = config.rule().learningRate() * rateFactor; // of all alike: a histogram would round it
      return new double[] {rate, rate, rate};
    }
    RateHistogram rates = optimizer.step().stats().rates();
    return new double[] {rates.quantile(0.25), rates.quantile(0.5), rates.quantile(0.75)};
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
