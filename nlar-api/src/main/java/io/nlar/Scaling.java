package io.nlar;

import static io.nlar.Settings.positive;

/**
 * How a raw gradient g becomes the scaled gradient f0.
 *
 * <p>Here s is the caller's gradient scale, k the caller's rate factor, S the sum of squares of the raw gradients in
 * the variant's scope and N = s·√S. The scale s comes before the bound (it undoes a loss scale), k after it (it is a
 * schedule), so that the estimator sees the rate that was really used.
 *
 * <p>Source: the scaled gradient f(g) of arXiv 2410.09943; "Scaling" and "Sum of squares" in docs/numerics.md. The
 * published code has {@link GlobalNorm}, {@link TensorNorm}, {@link Value} and {@link None}; summaries of the paper
 * print {@link Normalised}; {@link Soft} is Nlar's own.
 */
public sealed interface Scaling {

  /** Whether this scaling needs the sum of squares, and with it the reduction pass. */
  boolean needsReduction();

  /**
   * One norm over all tensors of the step: f0 = g·c with c = (k·s)·(b/N) where N &gt; b, else k·s.
   *
   * @param bound b, the largest norm that passes unscaled; finite and &gt; 0
   */
  record GlobalNorm(double bound) implements Scaling {
    public GlobalNorm {
      positive("scaling bound", bound);
    }

    @Override
    public boolean needsReduction() {
      return true;
    }
  }

  /**
   * One norm per tensor: the formula of {@link GlobalNorm} with the tensor's own sum of squares.
   *
   * @param bound b, finite and &gt; 0
   */
  record TensorNorm(double bound) implements Scaling {
    public TensorNorm {
      positive("scaling bound", bound);
    }

    @Override
    public boolean needsReduction() {
      return true;
    }
  }

  /**
   * The gradient of the whole step brought to length b: f0 = g·c with c = (k·s)·(b/N) for power 1, or
   * (k·s)·(b/(N·N)) for power 2, at most the largest finite number of the type; c = k·s where N = 0.
   *
   * @param bound b, finite and &gt; 0
   * @param power 1 or 2
   */
  record Normalised(double bound, int power) implements Scaling {
    public Normalised {
      positive("scaling bound", bound);
      if (power != 1 && power != 2) {
        throw new SettingException("normalised scaling has power 1 or 2, not " + power);
      }
    }

    @Override
    public boolean needsReduction() {
      return true;
    }
  }

  /**
   * Every element on its own, clipped: x = g·s, y = x &lt; −b ? −b : x &gt; b ? b : x, f0 = y·k.
   *
   * @param bound b, finite and &gt; 0
   */
  record Value(double bound) implements Scaling {
    public Value {
      positive("scaling bound", bound);
    }

    @Override
    public boolean needsReduction() {
      return false;
    }
  }

  /**
   * Every element on its own, smoothly: x = g·s, y = b·(x/(b + |x|)), f0 = y·k; monotone and bounded by b.
   *
   * @param bound b, finite and &gt; 0
   */
  record Soft(double bound) implements Scaling {
    public Soft {
      positive("scaling bound", bound);
    }

    @Override
    public boolean needsReduction() {
      return false;
    }
  }

  /** No bound: f0 = g·c with c = k·s. */
  record None() implements Scaling {
    @Override
    public boolean needsReduction() {
      return false;
    }
  }
}
