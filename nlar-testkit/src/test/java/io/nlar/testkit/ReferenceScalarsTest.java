package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;
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
      Estimator estimator = switch (random.nextInt(3)) {
        case 0 -> new Estimator.Nlarsm(lambda, k0, sigma, pick(random));
        case 1 -> new Estimator.Nlarcm(lambda, k0, sigma);
        default -> new Estimator.Nlarpm(lambda, k0, sigma);
      };
      Momentum momentum = List.of(new Momentum.Inverse(pick(random)), new Momentum.InverseSqrt(pick(random)),
          new Momentum.Constant(pick(random)), new Momentum.None()).get(random.nextInt(4));
      Scaling scaling = List.of(new Scaling.GlobalNorm(bound), new Scaling.TensorNorm(bound),
          new Scaling.Normalised(bound, 1), new Scaling.Normalised(bound, 2), new Scaling.Value(bound),
          new Scaling.Soft(bound), new Scaling.None()).get(random.nextInt(7));
      StepConfig config =
          new StepConfig(scaling, estimator, momentum, new Noise.None(), pick(random), NonFinite.AUTO);
      for (DType type : DType.values()) {
        check(config, type, random.nextLong(1, 1L << random.nextInt(1, 50)), positive.applyAsDouble(pick(random)),
            pick(random), random.nextInt(10) == 0 ? 0 : pick(random));
      }
    }
  }

  private static double pick(SplittableRandom random) {
    return random.nextBoolean() ? NUMBERS[random.nextInt(NUMBERS.length)] : random.nextDouble();
  }

  private static void check(StepConfig config, DType type, long t, double s, double k, double sum) {
    ReferenceScalars reference = new ReferenceScalars(config, Arithmetic.of(type), t, s, k);
    GroupPlan plan = new GroupPlan(config, type);
    assertEquals(reference.learningRate, plan.learningRate());
    assertEquals(reference.momentum, plan.momentum());
    assertEquals(reference.noiseScale, plan.noiseScale());
    assertEquals(reference.bound, type.round(plan.bound()));
    assertEquals(reference.lowerClip, plan.lowerClip());
    assertEquals(reference.base, plan.rateBase());
    assertEquals(reference.initialRate, plan.initialRate());
    assertEquals(reference.initialWeight, plan.initialWeight());
    assertEquals(reference.decay, plan.decay(t));
    assertEquals(reference.weightDecay, plan.weightDecay(k));
    if (!(config.scaling() instanceof Scaling.Value) && !(config.scaling() instanceof Scaling.Soft)) {
      assertEquals(reference.coefficient(sum), plan.coefficient(sum, s, k), () -> config + " s=" + s + " k=" + k);
    }
    if (config.estimator() instanceof Estimator.Nlarcm) {
      assertEquals(Arithmetic.of(type).mul(reference.noiseScale, 0x1p-60), plan.flushBelow());
    }
  }
}
