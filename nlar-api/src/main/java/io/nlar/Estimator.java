package io.nlar;

import static io.nlar.Settings.finite;
import static io.nlar.Settings.notNegative;

import java.util.EnumSet;
import java.util.Set;

/**
 * How the learning rate γ of every parameter is estimated: weighted least squares with a prior on the changes that the
 * parameter really made. The variants differ in the noise scale σ(t) that the model assumes, which
 * sets the weight w = σ(t)⁻² of each observation.
 *
 * <p>f0 is the scaled gradient, m the size of the momentum term before μ, h the momentum's denominator, κ the
 * {@linkplain Momentum decay} of the momentum, v the velocity, n the noise term and ε the noise. The common part of the
 * step is given at {@link StepConfig}.
 */
public sealed interface Estimator extends Rule {

  /**
   * λ, the initial learning rate and the prior's value; finite and ≥ 0. Apart from the weight decay, Nlarcm and Nlarpm
   * use it only at the start.
   */
  @Override
  double learningRate();

  /** k0, the prior's weight; any finite number. */
  double priorWeight();

  /** σ, the noise scale; finite and ≥ 0. */
  double noiseScale();

  /** This estimator with another initial learning rate. */
  @Override
  Estimator withLearningRate(double learningRate);

  /** This estimator with another prior weight. */
  Estimator withPriorWeight(double priorWeight);

  /** This estimator with another noise scale. */
  Estimator withNoiseScale(double noiseScale);

  /** Whether the state keeps γ itself (base 0, D(0) = λ) and not its distance from λ (base λ, D(0) = 0). */
  default boolean keepsRateItself() {
    return true;
  }

  /** v with momentum; D and A where anything is estimated. */
  @Override
  default Set<Slot> slots(StepConfig config) {
    EnumSet<Slot> slots = EnumSet.noneOf(Slot.class);
    if (config.momentum().active()) {
      slots.add(Slot.VELOCITY);
    }
    if (config.estimating()) {
      slots.add(Slot.RATE);
      slots.add(Slot.WEIGHT);
    }
    return slots;
  }

  /**
   * Constant noise scale (the published {@code Nlars}).
   *
   * <pre>
   * f  = 0 &lt; |f0| ≤ lower ? copysign(lower, f0) : f0
   * m  = κ          n = σ·ε          h = |v| + (m + σ)          wf = f
   * γ  = λ + D,     D(0) = 0,        Q0 = k0
   * </pre>
   *
   * @param lowerClip lower, the smallest magnitude of a non-zero scaled gradient; finite and ≥ 0. A positive value
   *     below the smallest normal number of the element type counts as ten times that number
   */
  record Nlarsm(double learningRate, double priorWeight, double noiseScale, double lowerClip) implements Estimator {
    public Nlarsm {
      check(learningRate, priorWeight, noiseScale);
      notNegative("lower clip", lowerClip);
    }

    @Override
    public String name() {
      return "nlarsm";
    }

    @Override
    public Nlarsm withLearningRate(double learningRate) {
      return new Nlarsm(learningRate, priorWeight, noiseScale, lowerClip);
    }

    @Override
    public boolean keepsRateItself() {
      return false;
    }

    @Override
    public Nlarsm withPriorWeight(double priorWeight) {
      return new Nlarsm(learningRate, priorWeight, noiseScale, lowerClip);
    }

    @Override
    public Nlarsm withNoiseScale(double noiseScale) {
      return new Nlarsm(learningRate, priorWeight, noiseScale, lowerClip);
    }

    /** This estimator with another lower clip. */
    public Nlarsm withLowerClip(double lowerClip) {
      return new Nlarsm(learningRate, priorWeight, noiseScale, lowerClip);
    }
  }

  /**
   * Noise scale clipped by the gradient, σ(t) = min(σ, |f|) (the published {@code Nlarc}).
   *
   * <pre>
   * f  = |f0| &lt; σ·2⁻⁶⁰ ? 0 : f0               (0 with the sign of f0)
   * r  = 0 &lt; |f| &lt; σ ? |f|/σ : 1,             r2 = r·r
   * m  = r2·κ       n = (r·σ)·ε      h = |v| + m                wf = f / r2
   * γ  = D,         D(0) = λ,        Q0 = (k0·σ)·σ
   * </pre>
   */
  record Nlarcm(double learningRate, double priorWeight, double noiseScale) implements Estimator {
    public Nlarcm {
      check(learningRate, priorWeight, noiseScale);
    }

    @Override
    public String name() {
      return "nlarcm";
    }

    @Override
    public Nlarcm withLearningRate(double learningRate) {
      return new Nlarcm(learningRate, priorWeight, noiseScale);
    }

    @Override
    public Nlarcm withPriorWeight(double priorWeight) {
      return new Nlarcm(learningRate, priorWeight, noiseScale);
    }

    @Override
    public Nlarcm withNoiseScale(double noiseScale) {
      return new Nlarcm(learningRate, priorWeight, noiseScale);
    }
  }

  /**
   * Noise proportional to the gradient, σ(t) = σ·|f|: the third member of the family. The paper's abstract speaks of
   * three estimators and the published code has two; this one is Nlar's own reading.
   *
   * <pre>
   * f  = |f0| &lt; 2⁻⁶⁰ ? 0 : f0                 (0 with the sign of f0)
   * r  = f = 0 ? 1 : min(|f|, 2⁶⁰),           r2 = r·r
   * m, n, h, wf, γ, D(0), Q0 as for {@link Nlarcm}
   * </pre>
   */
  record Nlarpm(double learningRate, double priorWeight, double noiseScale) implements Estimator {
    public Nlarpm {
      check(learningRate, priorWeight, noiseScale);
    }

    @Override
    public String name() {
      return "nlarpm";
    }

    @Override
    public Nlarpm withLearningRate(double learningRate) {
      return new Nlarpm(learningRate, priorWeight, noiseScale);
    }

    @Override
    public Nlarpm withPriorWeight(double priorWeight) {
      return new Nlarpm(learningRate, priorWeight, noiseScale);
    }

    @Override
    public Nlarpm withNoiseScale(double noiseScale) {
      return new Nlarpm(learningRate, priorWeight, noiseScale);
    }
  }

  /**
   * Nlarcm with a second signal, the curvature: from one step to the next the gradient changes by y where the parameter
   * changed by v, and the rate that would have led to the point where the gradient is 0 is v/y (the secant). Where the
   * curvature is positive, y·v &gt; 0, that is an observation of γ with regressor y, in the same weighted least squares as
   * the others, at the price of one more state tensor. With momentum only: without, it is {@link Nlarcm}.
   *
   * <pre>
   * y  = f − f⁻,                              f⁻' = f
   * y·v &gt; 0:  z = η·y,   A* = A + z·y,   D* = D + z·(v − γ·y) / (Q0 + A*)
   * f, r, m, n, h, wf, γ, D(0), Q0 and what follows as for {@link Nlarcm}, with A* and D*
   * </pre>
   *
   * <p>v/y, in least squares over the steps, is the short step of Barzilai and Borwein, "Two-point step size gradient
   * methods", IMA J. Numer. Anal. 8 (1988), for every element by itself. Derived in docs/algorithm.md, "Curvature".
   *
   * @param secantWeight η, what such an observation weighs against one of the changes; finite and ≥ 0. With 0 the results
   *     are those of {@link Nlarcm}
   */
  record Nlarbb(double learningRate, double priorWeight, double noiseScale, double secantWeight) implements Estimator {
    public Nlarbb {
      check(learningRate, priorWeight, noiseScale);
      notNegative("secant weight", secantWeight);
    }

    @Override
    public String name() {
      return "nlarbb";
    }

    @Override
    public Set<Slot> slots(StepConfig config) {
      Set<Slot> slots = Estimator.super.slots(config);
      if (config.momentum().active()) {
        slots.add(Slot.PREVIOUS);
      }
      return slots;
    }

    @Override
    public Nlarbb withLearningRate(double learningRate) {
      return new Nlarbb(learningRate, priorWeight, noiseScale, secantWeight);
    }

    @Override
    public Nlarbb withPriorWeight(double priorWeight) {
      return new Nlarbb(learningRate, priorWeight, noiseScale, secantWeight);
    }

    @Override
    public Nlarbb withNoiseScale(double noiseScale) {
      return new Nlarbb(learningRate, priorWeight, noiseScale, secantWeight);
    }

    /** This estimator with another secant weight. */
    public Nlarbb withSecantWeight(double secantWeight) {
      return new Nlarbb(learningRate, priorWeight, noiseScale, secantWeight);
    }
  }

  private static void check(double learningRate, double priorWeight, double noiseScale) {
    notNegative("learning rate", learningRate);
    finite("prior weight", priorWeight);
    notNegative("noise scale", noiseScale);
  }
}
