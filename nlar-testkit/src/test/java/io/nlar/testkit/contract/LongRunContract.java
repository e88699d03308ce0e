package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Over 100 000 steps of small gradients the learning rates of float32 stay with those of float64. That is the arithmetic's doing,
 * of which every device has the same bits: all but one may do with fewer steps.
 */
public interface LongRunContract extends ContractSupport {

  @Test
  @Tag("slow")
  default void float32KeepsItsRatesOverALongRun() {
    assumeTwoTypes();
    int steps = longRunSteps();
    int length = 48;
    Map<DType, Buffer> gradients = new EnumMap<>(DType.class);
    types().forEach(type -> gradients.put(type, device().allocate(type, length)));
    // All in one step, which costs a device less than four: together the gradients are far below the norm's bound.
    List<ParameterGroup> groups = Stream.of(StepConfig.nlarsm(), StepConfig.nlarcm())
        .flatMap(config -> types().stream().map(type -> new ParameterGroup(config,
            List.of(new Parameter(name(config, type), device().allocate(type, length), gradients.get(type))))))
        .toList();
    float[] single = new float[length];
    double[] twice = new double[length];
    SplittableRandom random = new SplittableRandom(5);
    try (Step step = device().compile(groups)) {
      for (int number = 0; number < steps; number++) {
        for (int i = 0; i < length; i++) {
          single[i] = (float) (random.nextGaussian() * 1e-4);
          twice[i] = single[i];
        }
        gradients.get(DType.FLOAT32).copyFrom(MemorySegment.ofArray(single));
        gradients.get(DType.FLOAT64).copyFrom(MemorySegment.ofArray(twice));
        step.run(1, 1);
      }
      assertEquals(steps, step.stats().applied());
      assertTrue(largestError(step, StepConfig.nlarsm(), length) <= 1e-6);
      assertTrue(largestError(step, StepConfig.nlarcm(), length) <= 1e-4);
    }
  }

  /** Steps of the test above; a slow device may take fewer. */
  default int longRunSteps() {
    return 100_000;
  }

  private static String name(StepConfig config, DType type) {
    return config.estimator().getClass().getSimpleName() + " " + type;
  }

  /** The largest relative difference of a learning rate. */
  private static double largestError(Step step, StepConfig config, int length) {
    double[] actual = rates(step, config, DType.FLOAT32, length);
    double[] expected = rates(step, config, DType.FLOAT64, length);
    double largest = 0;
    for (int i = 0; i < length; i++) {
      largest = Math.max(largest, Math.abs(actual[i] - expected[i]) / Math.abs(expected[i]));
    }
    return largest;
  }

  private static double[] rates(Step step, StepConfig config, DType type, int length) {
    MemorySegment host = HostValues.segment(type, new double[length]);
    step.learningRates(name(config, type), host);
    return HostValues.read(host, type);
  }
}
