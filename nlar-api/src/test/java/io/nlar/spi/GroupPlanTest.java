package io.nlar.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import org.junit.jupiter.api.Test;

/** The scalar formulas at their edges; contract suites cover the rest bit by bit. */
class GroupPlanTest {

  private static GroupPlan plan(StepConfig config, DType type) {
    return new GroupPlan(config, type);
  }

  private static GroupPlan scaled(Scaling scaling) {
    return plan(StepConfig.nlarcm().withScaling(scaling), DType.FLOAT32);
  }

  @Test
  void aLowerClipBelowTheSmallestNormalCountsAsTenTimesIt() {
    StepConfig config = StepConfig.nlarsm().withEstimator(new Estimator.Nlarsm(0.1, 1, 0, 1e-39));
    assertEquals(10 * (double) Float.MIN_NORMAL, plan(config, DType.FLOAT32).lowerClip());
    assertEquals(1e-39, plan(config, DType.FLOAT64).lowerClip());
    assertEquals(0, plan(StepConfig.nlarsm(), DType.FLOAT32).lowerClip());
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
    assertEquals(1f / 3, plan(config, DType.FLOAT32).decay(3));
    assertEquals(0.5, plan(config.withMomentum(new Momentum.InverseSqrt(1)), DType.FLOAT64).decay(4));
    assertEquals(1, plan(config.withMomentum(new Momentum.Constant(1)), DType.FLOAT64).decay(1L << 40));
  }

  @Test
  void nlarcmHoldsItsPriorInUnitsOfTheNoise() {
    GroupPlan plan = plan(StepConfig.nlarcm().withNoiseScale(1e-3).withPriorWeight(-2), DType.FLOAT64);
    assertEquals((-2 * 1e-3) * 1e-3, plan.initialWeight());
    assertEquals(0, plan.rateBase());
    assertEquals(0.1, plan.initialRate());
    GroupPlan constant = plan(StepConfig.nlarsm(), DType.FLOAT32);
    assertEquals(0.1f, constant.rateBase());
    assertEquals(0, constant.initialRate());
    assertEquals(0.1f, constant.initialWeight());
  }
}
