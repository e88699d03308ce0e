package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.StepConfig;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Over 100 000 steps of small gradients the learning rates of float32 stay with those of float64. */
class LongRunTest {
  private static final int STEPS = 100_000;
  private static final int LENGTH = 24;

  @Test
  void nlarsmKeepsItsRatesInFloat32() {
    assertTrue(largestError(StepConfig.nlarsm()) <= 1e-6);
  }

  @Test
  void nlarcmKeepsItsRatesInFloat32() {
    assertTrue(largestError(StepConfig.nlarcm()) <= 1e-4);
  }

  /** The largest relative difference of a learning rate after the run. */
  private static double largestError(StepConfig config) {
    ReferenceStep single = step(config, DType.FLOAT32);
    ReferenceStep twice = step(config, DType.FLOAT64);
    SplittableRandom random = new SplittableRandom(5);
    for (int step = 0; step < STEPS; step++) {
      for (int i = 0; i < LENGTH; i++) {
        double gradient = (float) (random.nextGaussian() * 1e-4);
        single.tensor("w").gradient()[i] = gradient;
        twice.tensor("w").gradient()[i] = gradient;
      }
      single.run(1, 1);
      twice.run(1, 1);
    }
    assertEquals(STEPS, twice.get(Control.APPLIED));
    double[] actual = single.learningRates("w");
    double[] expected = twice.learningRates("w");
    double largest = 0;
    for (int i = 0; i < LENGTH; i++) {
      largest = Math.max(largest, Math.abs(actual[i] - expected[i]) / Math.abs(expected[i]));
    }
    return largest;
  }

  private static ReferenceStep step(StepConfig config, DType type) {
    return new ReferenceStep(List.of(GroupSpec.of(config, type, new TensorSpec("w", LENGTH))));
  }
}
