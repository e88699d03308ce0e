package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.StepConfig;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the secants of Nlarbb are; that they belong to the two sums, {@link TwoSumsTest} says. */
class SecantTest {
  private static final int LENGTH = 50;

  private static ReferenceStep step(StepConfig config, DType type) {
    ReferenceStep step = new ReferenceStep(List.of(GroupSpec.of(config, type, new TensorSpec("w", LENGTH))));
    Arrays.fill(step.tensor("w").value(), 0.5);
    return step;
  }

  /** Without weight, and without momentum, whose change they need, there are none: Nlarcm is left, to the bit. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void withoutSecantsItIsNlarcm(DType type) {
    StepConfig nlarcm = StepConfig.nlarcm().withNoiseScale(1e-3);
    assertTrue(differs(nlarcm, nlarcm.withRule(new Estimator.Nlarbb(0.1, 0.1, 1e-3, 1)), type));
    assertFalse(differs(nlarcm, nlarcm.withRule(new Estimator.Nlarbb(0.1, 0.1, 1e-3, 0)), type));
    StepConfig noisy = nlarcm.withMomentum(new Momentum.None()).withNoise(new Noise.Fresh(1));
    assertFalse(differs(noisy, noisy.withRule(new Estimator.Nlarbb(0.1, 0.1, 1e-3, 1)), type));
  }

  private static boolean differs(StepConfig one, StepConfig other, DType type) {
    ReferenceStep a = step(one, type);
    ReferenceStep b = step(other, type);
    SplittableRandom random = new SplittableRandom(3);
    for (int t = 0; t < 20; t++) {
      Arrays.setAll(a.tensor("w").gradient(), i -> type.round(random.nextGaussian()));
      System.arraycopy(a.tensor("w").gradient(), 0, b.tensor("w").gradient(), 0, LENGTH);
      a.run();
      b.run();
    }
    return !Arrays.equals(a.tensor("w").value(), b.tensor("w").value())
        || !Arrays.equals(a.tensor("w").state(Slot.RATE), b.tensor("w").state(Slot.RATE))
        || !Arrays.equals(a.tensor("w").state(Slot.WEIGHT), b.tensor("w").state(Slot.WEIGHT));
  }

  /** On a parabola every secant says 1/h, from whatever rate it starts; Newton's method would take that. */
  @ParameterizedTest
  @ValueSource(doubles = {0.25, 1, 4})
  void onAParabolaTheRateBecomesNewtons(double h) {
    for (double rate : new double[] {1e-3, 0.5 / h}) {
      StepConfig config = StepConfig.nlarcm().withScaling(new Scaling.None())
          .withRule(new Estimator.Nlarbb(rate, 0.1, 1e-19, 1e6));
      ReferenceStep step = step(config, DType.FLOAT64);
      for (int t = 0; t < 5; t++) {
        Arrays.setAll(step.tensor("w").gradient(), i -> h * step.tensor("w").value()[i]);
        step.run();
      }
      assertEquals(1 / h, step.learningRates("w")[0], 0.01 / h);
      assertEquals(0, step.tensor("w").value()[0], 0.1);
    }
  }

  /** On a hill, where a secant's zero lies behind, nothing is learned of it. */
  @Test
  void negativeCurvatureIsLeftOut() {
    ReferenceStep with = step(StepConfig.nlarbb().withScaling(new Scaling.None()), DType.FLOAT64);
    ReferenceStep without = step(StepConfig.nlarcm().withScaling(new Scaling.None()), DType.FLOAT64);
    for (int t = 0; t < 5; t++) {
      for (ReferenceStep step : List.of(with, without)) {
        Arrays.setAll(step.tensor("w").gradient(), i -> -step.tensor("w").value()[i]);
        step.run();
      }
    }
    assertArrayEquals(without.tensor("w").value(), with.tensor("w").value());
  }
}
