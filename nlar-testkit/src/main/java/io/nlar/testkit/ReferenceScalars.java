package io.nlar.testkit;

import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Scaling;
import io.nlar.StepConfig;

/** The scalars of a group's step: binary64 from the unrounded settings, in the order written, rounded to T once. */
final class ReferenceScalars {
  final double learningRate;
  final double momentum;
  final double noiseScale;
  final double bound;
  final double lowerClip;
  final double base;
  final double initialRate;
  final double initialWeight;
  final double decay;
  final double weightDecay;
  final double gradientScale;
  final double rateFactor;

  private final StepConfig config;
  private final Arithmetic arithmetic;
  private final double unroundedScale;
  private final double unroundedFactor;

  /** The scalars of step t with gradient scale s and rate factor k. */
  ReferenceScalars(StepConfig config, Arithmetic arithmetic, long t, double s, double k) {
    this.config = config;
    this.arithmetic = arithmetic;
    this.unroundedScale = s;
    this.unroundedFactor = k;
    Estimator e = config.estimator();
    boolean nlarsm = e instanceof Estimator.Nlarsm;
    learningRate = arithmetic.round(e.learningRate());
    momentum = arithmetic.round(config.momentum().momentum());
    noiseScale = arithmetic.round(e.noiseScale());
    bound = arithmetic.round(bound(config.scaling()));
    lowerClip = nlarsm ? lowerClip(((Estimator.Nlarsm) e).lowerClip()) : 0;
    base = nlarsm ? learningRate : 0;
    initialRate = nlarsm ? 0 : learningRate;
    initialWeight = arithmetic.round(
        nlarsm ? e.priorWeight() : (e.priorWeight() * e.noiseScale()) * e.noiseScale());
    decay = arithmetic.round(decay(config.momentum(), t));
    weightDecay = arithmetic.round((config.weightDecay() * e.learningRate()) * k);
    gradientScale = arithmetic.round(s);
    rateFactor = arithmetic.round(k);
  }

  private static double bound(Scaling scaling) {
    return switch (scaling) {
      case Scaling.GlobalNorm(double b) -> b;
      case Scaling.TensorNorm(double b) -> b;
      case Scaling.Normalised(double b, int power) -> b;
      case Scaling.Value(double b) -> b;
      case Scaling.Soft(double b) -> b;
      case Scaling.None() -> 1;
    };
  }

  private double lowerClip(double lower) {
    return 0 < lower && lower < arithmetic.smallestNormal()
        ? 10 * arithmetic.smallestNormal()
        : arithmetic.round(lower);
  }

  private static double decay(Momentum momentum, long t) {
    return switch (momentum) {
      case Momentum.Inverse m -> 1.0 / t;
      case Momentum.InverseSqrt m -> 1.0 / Math.sqrt(t);
      case Momentum.Constant m -> 1;
      case Momentum.None m -> 0;
    };
  }

  /** c, the factor of gradients under norms and without scaling, from S in the scaling's scope. */
  double coefficient(double sumOfSquares) {
    double s = unroundedScale;
    double k = unroundedFactor;
    double norm = s * Math.sqrt(sumOfSquares);
    return arithmetic.round(switch (config.scaling()) {
      case Scaling.GlobalNorm(double b) -> norm > b ? (k * s) * (b / norm) : k * s;
      case Scaling.TensorNorm(double b) -> norm > b ? (k * s) * (b / norm) : k * s;
      case Scaling.Normalised(double b, int power) -> {
        if (norm == 0 || k * s == 0) {
          yield k * s;
        }
        double c = power == 1 ? (k * s) * (b / norm) : (k * s) * (b / (norm * norm));
        yield c > arithmetic.largest() ? arithmetic.largest() : c;
      }
      case Scaling.None() -> k * s;
      case Scaling.Value v -> throw new IllegalStateException("value scaling has no coefficient");
      case Scaling.Soft v -> throw new IllegalStateException("soft scaling has no coefficient");
    });
  }
}
