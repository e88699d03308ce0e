package io.nlar;

import java.io.Serializable;

/**
 * The noise ε of the model, uniform on [−√3, √3] (mean 0, variance 1), before its scale σ(t) of the {@link Estimator}.
 *
 * <p>Draws are Philox4x32-10: key = seed xor FNV-1a-64 of the tensor's UTF-8 name, counter = (element/4 as low and high
 * half, t as low and high half), word = element mod 4, ε = T(((word + 0.5)·2⁻³²·2 − 1)·√3) evaluated in binary64.
 *
 * <p>Source: the noise term of arXiv 2410.09943; "Noise" in docs/numerics.md.
 */
public sealed interface Noise extends Serializable {

  /** The seed of the draws; 0 where nothing is drawn. */
  long seed();

  /** No noise term. The default: at the published σ = 1e-19 it cannot change a parameter that is not itself tiny. */
  record None() implements Noise {
    @Override
    public long seed() {
      return 0;
    }
  }

  /**
   * ε is drawn once (with t = 0) into a state slot and used in every step, as the published code does. The slot can be
   * set by the caller through {@link Step#state}.
   */
  record Frozen(long seed) implements Noise {}

  /** ε is drawn anew in every step t: the i.i.d. noise of the theory. Nothing is kept. */
  record Fresh(long seed) implements Noise {}
}
