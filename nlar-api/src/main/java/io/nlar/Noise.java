package io.nlar;

import java.io.Serializable;
import java.util.Objects;

/**
 * The noise ε of the model, of mean 0 and variance 1, before its scale σ(t) of the {@link Estimator}.
 *
 * <p>Draws are Philox4x32-10: key = seed xor FNV-1a-64 of the tensor's UTF-8 name, counter = (element/4 as low and high
 * half, t as low and high half), word = element mod 4. Of a word comes U = (word + 0.5)·2⁻³²·2 − 1, and of that by the
 * {@link Distribution}'s quantile function the draw, evaluated in binary64 and rounded to T.
 *
 * <p>Source: the noise term of arXiv 2410.09943; "Noise" in docs/numerics.md.
 */
public sealed interface Noise extends Serializable {

  /** The seed of the draws; 0 where nothing is drawn. */
  long seed();

  /** What the draws are distributed as; uniform where nothing is drawn. */
  Distribution distribution();

  /** Distributions of mean 0 and variance 1. */
  enum Distribution {
    /** On [−√3, √3], as the published code has it; kurtosis 9/5. */
    UNIFORM,
    /** The normal distribution; kurtosis 3. */
    GAUSSIAN,
    /** Two-sided exponential, of scale √½; kurtosis 6. */
    LAPLACE,
    /** −1 or 1; kurtosis 1, the least there is. */
    RADEMACHER,
    /** Student's t with 4 degrees of freedom, divided by its standard deviation √2; infinite kurtosis. */
    STUDENT_T
  }

  /** No noise term. The default: at the published σ = 1e-19 it cannot change a parameter that is not itself tiny. */
  record None() implements Noise {
    @Override
    public long seed() {
      return 0;
    }

    @Override
    public Distribution distribution() {
      return Distribution.UNIFORM;
    }
  }

  /**
   * ε is drawn once (with t = 0) into a state slot and used in every step, as the published code does. The slot can be
   * set by the caller through {@link Step#state}.
   */
  record Frozen(long seed, Distribution distribution) implements Noise {
    public Frozen {
      Objects.requireNonNull(distribution, "distribution");
    }

    /** Uniform noise. */
    public Frozen(long seed) {
      this(seed, Distribution.UNIFORM);
    }
  }

  /** ε is drawn anew in every step t: the i.i.d. noise of the theory. Nothing is kept. */
  record Fresh(long seed, Distribution distribution) implements Noise {
    public Fresh {
      Objects.requireNonNull(distribution, "distribution");
    }

    /** Uniform noise. */
    public Fresh(long seed) {
      this(seed, Distribution.UNIFORM);
    }
  }
}
