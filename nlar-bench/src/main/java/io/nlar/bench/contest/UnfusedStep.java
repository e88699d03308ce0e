package io.nlar.bench.contest;

import io.nlar.Slot;
import io.nlar.StepConfig;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import java.util.Arrays;

/**
 * Nlarsm with momentum in float32, composed of an array library's operations: what fusing the step buys.
 *
 * @param <A> an array of the library
 */
public final class UnfusedStep<A> implements Contestant {
  /** g, θ, v, D, A and four temporaries. */
  public static final int ARRAYS = 9;
  /** Arrays that {@link #step} reads and writes, as counted there. */
  public static final int TRAFFIC = 46;

  private static final int VERIFIED_STEPS = 3;
  private static final double TOLERANCE = 1e-5;
  /** Below this share of the largest element a difference of rounding may be large itself. */
  private static final double SMALL = 0.1;

  private final Tensors tensors;
  private final ArrayLibrary<A> library;
  private final StepConfig config = StepConfig.nlarsm();
  private final A g;
  private final A theta;
  private final A v;
  private final A rate;
  private final A weight;
  private final A f;
  private final A x;
  private final A y;
  private final A z;
  private long t;

  /** A step in memory of the library's; closes the library when it is closed. */
  public UnfusedStep(Tensors tensors, ArrayLibrary<A> library) {
    this.tensors = tensors;
    this.library = library;
    double[] zero = {0};
    g = library.array(tensors.gradientPattern());
    theta = library.array(tensors.valuePattern());
    v = library.array(zero);
    rate = library.array(zero);
    weight = library.array(zero);
    f = library.array(zero);
    x = library.array(zero);
    y = library.array(zero);
    z = library.array(zero);
  }

  /** The comments count the arrays that an operation reads and writes. */
  private void step() {
    t++;
    double decay = 1.0 / t;
    double c = Math.min(1, 1 / library.norm(g)); // 1
    library.scale(c, g, f); // f = g·c: 2
    library.shift(config.estimator().learningRate(), rate, x); // γ = λ + D: 2
    library.abs(v, y); // 2
    library.shift(decay + config.estimator().noiseScale(), y, y); // h = |v| + (m + σ): 2
    library.abs(x, z); // 2
    library.shift(1, z, z); // 1 + |γ|: 2
    library.multiply(z, y, z); // 3
    library.reciprocal(config.momentum().momentum() * decay, z, z); // ρ: 2
    library.multiply(z, v, z); // p = ρ·v: 3
    library.multiply(x, f, x); // γ·f: 3
    library.subtract(z, x, v); // v' = p − γ·f: 3
    library.add(theta, v, theta); // θ': 3
    library.multiply(f, f, y); // 2
    library.add(weight, y, weight); // A': 3
    library.shift(config.estimator().priorWeight(), weight, y); // Q': 2
    library.multiply(f, z, z); // 3
    library.divide(z, y, z); // 3
    library.subtract(rate, z, rate); // D': 3
  }

  /** A library adds squares in an order of its own, so it agrees with the reference to rounding only. */
  @Override
  public void verify() {
    PeriodReference reference = new PeriodReference(tensors, config);
    for (int i = 0; i < VERIFIED_STEPS; i++) {
      step();
      reference.apply(tensors.sumOfSquares(), tensors.sumOfSquares());
    }
    compare("value", theta, reference.values());
    compare("velocity", v, reference.state(Slot.VELOCITY));
    compare("rate", rate, reference.state(Slot.RATE));
    compare("weight", weight, reference.state(Slot.WEIGHT));
  }

  private void compare(String what, A array, double[] expected) {
    double[] actual = library.read(array, expected.length);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * Math.max(Math.abs(expected[i]), SMALL * largest))) {
        throw new VerificationException("element " + i + " of the unfused step's " + what + " is " + actual[i]
            + ", expected " + expected[i]);
      }
    }
  }

  @Override
  public void run(long times) {
    for (long i = 0; i < times; i++) {
      step();
    }
    library.finish();
  }

  @Override
  public void close() {
    library.close();
  }
}
