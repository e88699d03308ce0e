package io.nlar.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import org.junit.jupiter.api.Test;

/** The scalar formulas at their edges; contract suites cover the rest bit by bit. */
class GroupPlanTest {
  // Places among the scalars of the Nlar estimators.
  private static final int FLOOR = 3;
  private static final int INITIAL_WEIGHT = 4;
  private static final int DECAY = 5;

  private static GroupPlan plan(StepConfig config, DType type) {
    return new GroupPlan(config, type);
  }

  private static double[] scalars(StepConfig config, DType type, long t) {
    double[] scalars = new double[RulePlan.MOST_NUMBERS];
    plan(config, type).rule().scalars(t, 1, scalars);
    return scalars;
  }

  private static GroupPlan scaled(Scaling scaling) {
    return plan(StepConfig.nlarcm().withScaling(scaling), DType.FLOAT32);
  }

  @Test
  void aLowerClipBelowTheSmallestNormalCountsAsTenTimesIt() {
    StepConfig config = StepConfig.nlarsm().withRule(new Estimator.Nlarsm(0.1, 1, 0, 1e-39));
    assertEquals(10 * (double) Float.MIN_NORMAL, scalars(config, DType.FLOAT32, 1)[FLOOR]);
    assertEquals(1e-39, scalars(config, DType.FLOAT64, 1)[FLOOR]);
    assertEquals(0, scalars(StepConfig.nlarsm(), DType.FLOAT32, 1)[FLOOR]);
  }

  @Test
  void normScalingLeavesSmallGradientsAlone() {
    assertEquals(3 * 0.5, scaled(new Scaling.GlobalNorm(2)).coefficient(1, 0.5, 3));
    assertEquals((float) (3 * 0.5 * (2 / (0.5 * 10))), scaled(new Scaling.GlobalNorm(2)).coefficient(100, 0.5, 3));
  }

  @Test
  void normalisedScalingIsCappedAtTheLargestFiniteNumber() {
    assertEquals(Float.MAX_VALUE, scaled(new Scaling.Normalised(1, 2)).coefficient(1e-300, 1, 1));
    assertEquals(0.25f, scaled(new Scaling.Normalised(1, 1)).coefficient(16, 1, 1));
    assertEquals(0.0625f, scaled(new Scaling.Normalised(1, 2)).coefficient(16, 1, 1));
    assertEquals(6, scaled(new Scaling.Normalised(1, 2)).coefficient(0, 2, 3));
  }

  @Test
  void decaysFollowTheStepNumber() {
    StepConfig config = StepConfig.nlarcm();
    assertEquals(1f / 3, scalars(config, DType.FLOAT32, 3)[DECAY]);
    assertEquals(0.5, scalars(config.withMomentum(new Momentum.InverseSqrt(1)), DType.FLOAT64, 4)[DECAY]);
    assertEquals(1, scalars(config.withMomentum(new Momentum.Constant(1)), DType.FLOAT64, 1L << 40)[DECAY]);
  }

  @Test
  void nlarcmHoldsItsPriorInUnitsOfTheNoise() {
    StepConfig config = StepConfig.nlarcm().withNoiseScale(1e-3).withPriorWeight(-2);
    assertEquals((-2 * 1e-3) * 1e-3, scalars(config, DType.FLOAT64, 1)[INITIAL_WEIGHT]);
    assertEquals(0, plan(config, DType.FLOAT64).rule().rateBase());
    assertEquals(0.1, plan(config, DType.FLOAT64).slots().get(1).start());
    GroupPlan constant = plan(StepConfig.nlarsm(), DType.FLOAT32);
    assertEquals(0.1f, constant.rule().rateBase());
    assertEquals(0, constant.slots().get(1).start());
    assertEquals(0.1f, scalars(StepConfig.nlarsm(), DType.FLOAT32, 1)[INITIAL_WEIGHT]);
  }

  @Test
  void adamWTakesTheRateFactorIntoItsStepAndNotIntoTheGradient() {
    StepConfig config = StepConfig.adamw().withScaling(new Scaling.None());
    GroupPlan plan = plan(config, DType.FLOAT64);
    assertEquals(0.5, plan.coefficient(0, 0.5, 7));
    double[] scalars = new double[RulePlan.MOST_NUMBERS];
    plan.rule().scalars(3, 7, scalars);
    assertEquals(7e-3 / (1 - 0.9 * 0.9 * 0.9), scalars[0], 1e-17);
    assertEquals(Math.sqrt(1 - 0.999 * 0.999 * 0.999), scalars[1], 1e-15);
  }

  @Test
  void nadamwHasTheScalarsOfAdamwAndAFormOfItsOwn() {
    GroupPlan adamw = plan(StepConfig.adamw(), DType.FLOAT32);
    GroupPlan nadamw = plan(StepConfig.nadamw(), DType.FLOAT32);
    assertEquals("means", adamw.rule().form());
    assertEquals("nesterov", nadamw.rule().form());
    assertArrayEquals(scalars(StepConfig.adamw(), DType.FLOAT32, 5), scalars(StepConfig.nadamw(), DType.FLOAT32, 5));
  }

  @Test
  void lionTakesTheRateFactorIntoItsStepAndNotIntoTheGradient() {
    GroupPlan plan = plan(StepConfig.lion().withScaling(new Scaling.None()), DType.FLOAT32);
    assertEquals(0.5, plan.coefficient(0, 0.5, 7));
    double[] scalars = new double[RulePlan.MOST_NUMBERS];
    plan.rule().scalars(3, 7, scalars);
    assertArrayEquals(new double[] {(float) (1e-4 * 7), 0.9f, (float) (1 - 0.9), 0.99f, (float) (1 - 0.99), 0, 0, 0}, scalars);
  }

  @Test
  void powersKeepTheirAccuracyOverManySteps() {
    for (long t : new long[] {1, 2, 3, 10, 1000, 123_456, 1L << 40}) {
      assertEquals(Math.pow(0.999, t), AdamWPlan.power(0.999, t), 1e-12, "t=" + t);
    }
  }
}
