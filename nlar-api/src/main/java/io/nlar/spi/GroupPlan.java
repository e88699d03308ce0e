package io.nlar.spi;

import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Scaling;
import io.nlar.StepConfig;

/**
 * The settings of a group as plain numbers, and the scalar formulas of a step, as the host evaluates them: in binary64
 * from unrounded settings, in the order written, rounded to the element type T once (docs/numerics.md). A device that
 * derives them itself does the same operations.
 */
public final class GroupPlan {
  private static final double TWO_POW_MINUS_60 = 0x1p-60;

  private final StepConfig config;
  private final DType type;

  /** The settings {@code config} for tensors of element type {@code type}. */
  public GroupPlan(StepConfig config, DType type) {
    this.config = config;
    this.type = type;
  }

  /** The group's settings, as the user gave them. */
  public StepConfig config() {
    return config;
  }

  /** T, the element type of all tensors of the group. */
  public DType type() {
    return type;
  }

  /** λ rounded to T. */
  public double learningRate() {
    return type.round(config.estimator().learningRate());
  }

  /** μ rounded to T; 0 without momentum. */
  public double momentum() {
    return type.round(config.momentum().momentum());
  }

  /** σ rounded to T. */
  public double noiseScale() {
    return type.round(config.estimator().noiseScale());
  }

  /** The scaling's bound b, unrounded; 1 where there is none. */
  public double bound() {
    return switch (config.scaling()) {
      case Scaling.GlobalNorm s -> s.bound();
      case Scaling.TensorNorm s -> s.bound();
      case Scaling.Normalised s -> s.bound();
      case Scaling.Value s -> s.bound();
      case Scaling.Soft s -> s.bound();
      case Scaling.None s -> 1;
    };
  }

  /** Nlarsm's lower clip in T: 0, or ten times the smallest normal number where it is positive and below that. */
  public double lowerClip() {
    if (!(config.estimator() instanceof Estimator.Nlarsm nlarsm)) {
      return 0;
    }
    double smallestNormal = type == DType.FLOAT32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
    double lower = nlarsm.lowerClip();
    return lower > 0 && lower < smallestNormal ? 10 * smallestNormal : type.round(lower);
  }

  /**
   * The magnitude below which a scaled gradient becomes 0, in T: σ·2⁻⁶⁰ for Nlarcm (one multiplication in T), 2⁻⁶⁰ for
   * Nlarpm, 0 for Nlarsm.
   */
  public double flushBelow() {
    return switch (config.estimator()) {
      case Estimator.Nlarsm e -> 0;
      case Estimator.Nlarcm e -> type.round(noiseScale() * TWO_POW_MINUS_60);
      case Estimator.Nlarpm e -> TWO_POW_MINUS_60;
    };
  }

  /** The base of the learning rate in T: γ = base + D. */
  public double rateBase() {
    return config.estimator().keepsRateItself() ? 0 : learningRate();
  }

  /** D(0) in T: λ less the base. */
  public double initialRate() {
    return config.estimator().keepsRateItself() ? learningRate() : 0;
  }

  /** Q0 in T: k0 for Nlarsm, (k0·σ)·σ for the others. */
  public double initialWeight() {
    Estimator e = config.estimator();
    return type.round(
        e instanceof Estimator.Nlarsm ? e.priorWeight() : (e.priorWeight() * e.noiseScale()) * e.noiseScale());
  }

  /** κ in T for step t, from 1. */
  public double decay(long t) {
    return type.round(
        switch (config.momentum()) {
          case Momentum.Inverse m -> 1.0 / t;
          case Momentum.InverseSqrt m -> 1.0 / Math.sqrt(t);
          case Momentum.Constant m -> 1.0;
          case Momentum.None m -> 0.0;
        });
  }

  /** (δ·λ)·k in T, the share of θ that decoupled weight decay takes. */
  public double weightDecay(double rateFactor) {
    return type.round((config.weightDecay() * config.estimator().learningRate()) * rateFactor);
  }

  /**
   * c in T, the factor of the gradient under norm scalings and none; 1 under element-wise scalings.
   *
   * @param sumOfSquares S in the scaling's scope, finite
   * @param gradientScale s
   * @param rateFactor k
   */
  public double coefficient(double sumOfSquares, double gradientScale, double rateFactor) {
    double unscaled = rateFactor * gradientScale;
    double norm = gradientScale * Math.sqrt(sumOfSquares);
    double c = switch (config.scaling()) {
      case Scaling.GlobalNorm s -> norm > s.bound() ? unscaled * (s.bound() / norm) : unscaled;
      case Scaling.TensorNorm s -> norm > s.bound() ? unscaled * (s.bound() / norm) : unscaled;
      // A factor of 0 stays 0, also where N·N underflows and b / 0 is ∞.
      case Scaling.Normalised s -> norm == 0 || unscaled == 0
          ? unscaled
          : Math.min(unscaled * (s.bound() / (s.power() == 1 ? norm : norm * norm)), largest());
      case Scaling.None s -> unscaled;
      case Scaling.Value s -> 1;
      case Scaling.Soft s -> 1;
    };
    return type.round(c);
  }

  private double largest() {
    return type == DType.FLOAT32 ? Float.MAX_VALUE : Double.MAX_VALUE;
  }

  /** The seed of the noise; 0 without noise. */
  public long seed() {
    return switch (config.noise()) {
      case Noise.None n -> 0;
      case Noise.Frozen n -> n.seed();
      case Noise.Fresh n -> n.seed();
    };
  }
}
