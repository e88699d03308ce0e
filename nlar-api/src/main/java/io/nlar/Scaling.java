package io.nlar;

import java.io.Serializable;

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
public sealed interface Scaling extends Serializable {

  /** Over which gradients a scaling takes its sum of squares S. */
  enum Scope {
    /** None: no sum is needed. */
    ELEMENT,
    /** One tensor. */
    TENSOR,
    /** All tensors of the step. */
    STEP
  }

  /** What is done to an element. */
  enum Form {
    /** f0 = g·c. */
    FACTOR,
    /** The formula of {@link Value}. */
    VALUE,
    /** The formula of {@link Soft}. */
    SOFT
  }

  /** The bound b, finite and &gt; 0; 1 where there is none. */
  double bound();

  /** Over which gradients S is taken. */
  Scope scope();

  /** What is done to an element; {@link Form#FACTOR} unless a scaling says otherwise. */
  default Form form() {
    return Form.FACTOR;
  }

  /**
   * c in binary64, not yet rounded to the element type; k·s where the form has none.
   *
   * @param sumOfSquares S in the scaling's {@linkplain #scope scope}, finite; not looked at without one
   * @param gradientScale s
   * @param rateFactor k
   * @param largest the largest finite number of the element type
   */
  default double coefficient(double sumOfSquares, double gradientScale, double rateFactor, double largest) {
    return rateFactor * gradientScale;
  }

  /** Whether this scaling needs the sum of squares, and with it the reduction pass. */
  default boolean needsReduction() {
    return scope() != Scope.ELEMENT;
  }

  private static double atMost(double bound, double sumOfSquares, double gradientScale, double rateFactor) {
    double unscaled = rateFactor * gradientScale;
    double norm = gradientScale * Math.sqrt(sumOfSquares);
    return norm > bound ? unscaled * (bound / norm) : unscaled;
  }

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
    public Scope scope() {
      return Scope.STEP;
    }

    @Override
    public double coefficient(double sumOfSquares, double gradientScale, double rateFactor, double largest) {
      return atMost(bound, sumOfSquares, gradientScale, rateFactor);
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
    public Scope scope() {
      return Scope.TENSOR;
    }

    @Override
    public double coefficient(double sumOfSquares, double gradientScale, double rateFactor, double largest) {
      return atMost(bound, sumOfSquares, gradientScale, rateFactor);
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
    public Scope scope() {
      return Scope.STEP;
    }

    /** A factor of 0 stays 0, also where N·N underflows and b / 0 is ∞. */
    @Override
    public double coefficient(double sumOfSquares, double gradientScale, double rateFactor, double largest) {
      double unscaled = rateFactor * gradientScale;
      double norm = gradientScale * Math.sqrt(sumOfSquares);
      return norm == 0 || unscaled == 0
          ? unscaled
          : Math.min(unscaled * (bound / (power == 1 ? norm : norm * norm)), largest);
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
    public Scope scope() {
      return Scope.ELEMENT;
    }

    @Override
    public Form form() {
      return Form.VALUE;
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
    public Scope scope() {
      return Scope.ELEMENT;
    }

    @Override
    public Form form() {
      return Form.SOFT;
    }
  }

  /** No bound: f0 = g·c with c = k·s. */
  record None() implements Scaling {
    @Override
    public double bound() {
      return 1;
    }

    @Override
    public Scope scope() {
      return Scope.ELEMENT;
    }
  }
}
