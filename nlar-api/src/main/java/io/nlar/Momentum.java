package io.nlar;

import java.io.Serializable;

import static io.nlar.Settings.notNegative;

/**
 * The momentum term p = ρ·v with ρ = h &gt; 0 ? (μ·m) / ((1 + |γ|)·h) : 0, where m and h come from the
 * {@link Estimator} and contain the decay κ. t is the number of this step among the applied
 * ones, from 1.
 *
 * <p>μ = 0 is the same as {@link None}: no velocity is kept.
 *
 * <p>Source: the momentum term of arXiv 2410.09943; "The update" in docs/numerics.md.
 */
public sealed interface Momentum extends Serializable {

  /** μ, finite and ≥ 0; 0 means no momentum. */
  double momentum();

  /** κ in step t, from 1, unrounded. */
  double decay(long t);

  /** Whether a velocity is kept: μ &gt; 0. */
  default boolean active() {
    return momentum() > 0;
  }

  /** κ = 1/t: the published decay, and the default. */
  record Inverse(double momentum) implements Momentum {
    public Inverse {
      notNegative("momentum", momentum);
    }

    @Override
    public double decay(long t) {
      return 1.0 / t;
    }
  }

  /** κ = 1/√t: slower decay; learns visibly faster at tiny initial rates on small networks (Nlar's own). */
  record InverseSqrt(double momentum) implements Momentum {
    public InverseSqrt {
      notNegative("momentum", momentum);
    }

    @Override
    public double decay(long t) {
      return 1.0 / Math.sqrt(t);
    }
  }

  /** κ = 1: no decay (Nlar's own). */
  record Constant(double momentum) implements Momentum {
    public Constant {
      notNegative("momentum", momentum);
    }

    @Override
    public double decay(long t) {
      return 1;
    }
  }

  /** No momentum: u is the noise alone, and no velocity is kept. */
  record None() implements Momentum {
    @Override
    public double momentum() {
      return 0;
    }

    @Override
    public double decay(long t) {
      return 0;
    }
  }
}
