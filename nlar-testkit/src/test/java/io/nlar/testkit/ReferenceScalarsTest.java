package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.AdamW;
import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Lion;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.Rule;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.StepConfig;
import io.nlar.Storage;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.RulePlan;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The library's scalar formulas against the reference's, which were written apart from them. */
class ReferenceScalarsTest {
  private static final double[] NUMBERS = {0, 1e-320, 1e-40, 1e-38, 1e-19, 1e-3, 0.1, 1.0 / 3, 1, 7, 1e10, 1e30, 1e60};

  @Test
  void libraryAndReferenceAgree() {
    SplittableRandom random = new SplittableRandom(1);
    for (int round = 0; round < 20_000; round++) {
      DoubleUnaryOperator positive = x -> x == 0 ? 0.5 : x;
      double lambda = pick(random);
      double k0 = random.nextBoolean() ? pick(random) : -pick(random);
      double sigma = pick(random);
      double bound = positive.applyAsDouble(pick(random));
      Rule rule = switch (random.nextInt(6)) {
        case 0 -> new Estimator.Nlarsm(lambda, k0, sigma, pick(random));
        case 1 -> new Estimator.Nlarcm(lambda, k0, sigma);
        case 2 -> new Estimator.Nlarpm(lambda, k0, sigma);
        case 3 -> new Estimator.Nlarbb(lambda, k0, sigma, pick(random));
        case 4 -> new Lion(lambda, random.nextDouble(), random.nextInt(5) == 0 ? 0 : random.nextDouble());
        default -> new AdamW(lambda, random.nextDouble(), random.nextInt(5) == 0 ? 0 : random.nextDouble(), 1e-8);
      };
      Momentum momentum = List.of(new Momentum.Inverse(pick(random)), new Momentum.InverseSqrt(pick(random)),
          new Momentum.Constant(pick(random)), new Momentum.None()).get(rule instanceof Estimator ? random.nextInt(4) : 3);
      Scaling scaling = List.of(new Scaling.GlobalNorm(bound), new Scaling.TensorNorm(bound),
          new Scaling.Normalised(bound, 1), new Scaling.Normalised(bound, 2), new Scaling.Value(bound),
          new Scaling.Soft(bound), new Scaling.None()).get(random.nextInt(7));
      StepConfig config =
          new StepConfig(scaling, rule, momentum, new Noise.None(), pick(random), NonFinite.AUTO);
      for (DType type : List.of(DType.FLOAT32, DType.FLOAT64)) {
        check(config, type, random.nextLong(1, 1L << random.nextInt(1, 50)), positive.applyAsDouble(pick(random)),
            pick(random), random.nextInt(10) == 0 ? 0 : pick(random));
      }
    }
  }

  private static double pick(SplittableRandom random) {
    return random.nextBoolean() ? NUMBERS[random.nextInt(NUMBERS.length)] : random.nextDouble();
  }

  private static void check(StepConfig config, DType type, long t, double s, double k, double sum) {
    Arithmetic arithmetic = Arithmetic.of(type);
    ReferenceScalars reference = new ReferenceScalars(config, arithmetic, s, k);
    GroupPlan plan = new GroupPlan(config, type);
    assertEquals(reference.bound, plan.bound());
    assertEquals(reference.weightDecay, plan.weightDecay(k));
    assertEquals(reference.rateFactor, type.round(plan.gradientRate(k)));
    if (config.scaling().form() == Scaling.Form.FACTOR) {
      assertEquals(reference.coefficient(sum), plan.coefficient(sum, s, k), () -> config + " s=" + s + " k=" + k);
    }
    double[] scalars = new double[RulePlan.MOST_NUMBERS];
    plan.rule().scalars(t, k, scalars);
    switch (ReferenceRule.of(config, Storage.of(type), t, k, 1)) {
      case ReferenceNlar nlar -> {
        boolean nlarsm = config.rule() instanceof Estimator.Nlarsm;
        assertEquals(nlar.learningRate, scalars[0]);
        assertEquals(nlar.mu, scalars[1]);
        assertEquals(nlar.sigma, scalars[2]);
        assertEquals(nlarsm ? nlar.lowerClip
            : config.rule() instanceof Estimator.Nlarpm ? 0x1p-60 : arithmetic.mul(nlar.sigma, 0x1p-60), scalars[3]);
        assertEquals(nlar.initialWeight, scalars[4]);
        assertEquals(nlar.kappa, scalars[5]);
        assertEquals(nlar.secantWeight, scalars[6]);
        assertEquals(nlar.base, plan.rule().rateBase());
      }
      case ReferenceAdamW adamW -> assertArrayEquals(adamW.scalars(), Arrays.copyOf(scalars, 6));
      case ReferenceLion lion -> assertArrayEquals(lion.scalars(), Arrays.copyOf(scalars, 5));
      default -> throw new AssertionError(config.rule());
    }
    plan.slots().stream().filter(slot -> slot.slot() == Slot.RATE).forEach(slot ->
        assertEquals(ReferenceRule.of(config, Storage.of(type), t, k, 1).start(config.momentum().active() ? 1 : 0), slot.start()));
  }
}
