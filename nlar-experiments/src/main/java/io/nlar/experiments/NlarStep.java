package io.nlar.experiments;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.nlar.Device;
import io.nlar.RateHistogram;
import io.nlar.StepConfig;
import io.nlar.djl.NlarOptimizer;
import java.util.List;

/** A rule of the library through its DJL adapter: an estimator of Nlar, or AdamW. */
final class NlarStep implements TrainingStep {
  private final NlarOptimizer optimizer;

  NlarStep(StepConfig config, Device device, Block block) {
    optimizer = NlarOptimizer.builder().optConfig(config).optDevice(device).optBlock(block).build();
  }

  @Override
  public void step(List<Parameter> parameters) {
    for (Parameter parameter : parameters) {
      optimizer.update(parameter.getId(), parameter.getArray(), null);
    }
  }

  @Override
  public double[] rateQuartiles() {
    RateHistogram rates = optimizer.step().stats().rates();
    return new double[] {rates.quantile(0.25), rates.quantile(0.5), rates.quantile(0.75)};
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
