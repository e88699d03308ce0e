package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference step against the two sums in high precision, for what no recorded run covers. */
class TwoSumsTest {
  private static final int STEPS = 30;
  private static final int LENGTH = 8;

  static Stream<Arguments> cases() {
    List<Estimator> estimators = List.of(
        new Estimator.Nlarsm(0.1, 1, 1e-3, 0), new Estimator.Nlarcm(0.1, 1, 1e-3), new Estimator.Nlarpm(0.1, 1, 1e-3),
        new Estimator.Nlarcm(0.3, 0.1, 0.05), new Estimator.Nlarpm(0.01, 10, 0.1),
        new Estimator.Nlarbb(0.1, 1, 1e-3, 1), new Estimator.Nlarbb(0.3, 0.1, 0.05, 4));
    List<Momentum> momenta = List.of(new Momentum.Inverse(1), new Momentum.InverseSqrt(0.8),
        new Momentum.Constant(0.5), new Momentum.None());
    List<Noise> noises = List.of(new Noise.None(), new Noise.Frozen(3), new Noise.Fresh(4, Noise.Distribution.LAPLACE));
    List<Scaling> scalings = List.of(new Scaling.GlobalNorm(0.05), new Scaling.Soft(0.02), new Scaling.Value(0.02),
        new Scaling.Normalised(0.1, 1), new Scaling.Normalised(0.01, 2), new Scaling.None());
    List<Arguments> cases = new ArrayList<>();
    for (Estimator estimator : estimators) {
      for (Momentum momentum : momenta) {
        for (Noise noise : noises) {
          // Every scaling meets every momentum and noise; weight decay and schedule alternate.
          for (Scaling scaling : scalings) {
            int number = cases.size();
            StepConfig config = StepConfig.nlarsm().withRule(estimator).withMomentum(momentum).withNoise(noise)
                .withScaling(scaling).withWeightDecay(number % 2 * 0.05);
            cases.add(Arguments.of(config, number % 3 != 0));
          }
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theInnovationFormGivesTheEstimatorOfTheTwoSums(StepConfig config, boolean schedule) {
    ReferenceStep single = reference(config, DType.FLOAT32);
    ReferenceStep twice = reference(config, DType.FLOAT64);
    SplittableRandom random = new SplittableRandom(7);
    double[] theta0 = new double[LENGTH];
    Arrays.setAll(theta0, i -> (float) random.nextGaussian());
    set(single, theta0, ReferenceTensor::value);
    set(twice, theta0, ReferenceTensor::value);
    TwoSums exact = new TwoSums(config, theta0);
    for (int t = 1; t <= STEPS; t++) {
      double[] gradients = new double[LENGTH];
      // Numbers of both types, some far smaller than the others, and some exactly 0.
      Arrays.setAll(gradients,
          i -> random.nextInt(8) == 0 ? 0 : (float) (random.nextGaussian() * (i < 3 ? 1e-4 : 0.03)));
      set(single, gradients, ReferenceTensor::gradient);
      set(twice, gradients, ReferenceTensor::gradient);
      double s = schedule ? 0.5 : 1;
      double k = schedule ? 1 - t * 0x1p-6 : 1;
      exact.run(t, gradients, TwoSums.noise(config, "w", t, LENGTH), s, k);
      single.run(s, k);
      twice.run(s, k);
    }
    compare(config, exact, twice, 1e-8);
    compare(config, exact, single, 3e-4);
  }

  private static ReferenceStep reference(StepConfig config, DType type) {
    return new ReferenceStep(List.of(GroupSpec.of(config, type, new TensorSpec("w", LENGTH))));
  }

  private static void set(ReferenceStep step, double[] numbers, Function<ReferenceTensor, double[]> array) {
    System.arraycopy(numbers, 0, array.apply(step.tensor("w")), 0, LENGTH);
  }

  private static void compare(StepConfig config, TwoSums exact, ReferenceStep step, double tolerance) {
    ReferenceTensor tensor = step.tensor("w");
    check("theta", tensor.type(), exact.theta(), tensor.value(), tolerance);
    if (config.estimating()) {
      check("learning rate", tensor.type(), exact.learningRates(), step.learningRates("w"), tolerance);
    }
    if (config.momentum().active()) {
      check("velocity", tensor.type(), exact.velocity(), tensor.state(Slot.VELOCITY), tolerance);
    }
  }

  private static void check(String what, DType type, double[] expected, double[] actual, double tolerance) {
    double largest = 0;
    for (double e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(actual[i] - expected[i]) / Math.max(Math.abs(expected[i]), Tolerances.FLOOR * largest);
      int at = i;
      assertTrue(error <= tolerance, () -> type + " " + what + "[" + at + "]: expected " + expected[at] + ", actual "
          + actual[at] + ", relative error " + error);
    }
  }
}
