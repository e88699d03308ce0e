package io.nlar.testkit;

import io.nlar.Estimator;
import io.nlar.Scaling;
import io.nlar.StepConfig;

/**
 * How a raw gradient is scaled and a value decays in one step: binary64 from the unrounded settings, in the order
 * written, rounded to T once.
 */
final class ReferenceScalars {
  final double bound;
  final double weightDecay;
  final double gradientScale;
  final double rateFactor;

  private final StepConfig config;
  private final Arithmetic T;
  private final double s;
  private final double k;

  /** The scalars of a step with gradient scale s and rate factor k, which other rules than the estimators take into their learning rate. */
  ReferenceScalars(StepConfig config, Arithmetic arithmetic, double s, double k) {
    this.config = config;
    this.T = arithmetic;
    this.s = s;
    this.k = config.rule() instanceof Estimator ? k : 1;
    bound = T.round(bound(config.scaling()));
    weightDecay = T.round(averages() ? config.weightDecay() : (config.weightDecay() * config.rule().learningRate()) * k);
    gradientScale = T.round(this.s);
    rateFactor = T.round(this.k);
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

  /** c, the factor of gradients under norms and without scaling, from S in the scaling's scope; else not a number. */
  double coefficient(double sumOfSquares) {
    double norm = s * Math.sqrt(sumOfSquares);
    return T.round(switch (config.scaling()) {
      case Scaling.GlobalNorm(double b) -> norm > b ? (k * s) * (b / norm) : k * s;
      case Scaling.TensorNorm(double b) -> norm > b ? (k * s) * (b / norm) : k * s;
      case Scaling.Normalised(double b, int power) -> {
        if (norm == 0 || k * s == 0) {
          yield k * s;
        }
        double c = power == 1 ? (k * s) * (b / norm) : (k * s) * (b / (norm * norm));
        yield c > T.largest() ? T.largest() : c;
      }
      case Scaling.None() -> k * s;
      case Scaling.Value v -> Double.NaN;
      case Scaling.Soft v -> Double.NaN;
    });
  }

  /** f0: the scaled gradient, from g and the coefficient c. */
  double scaled(double g, double c) {
    return switch (config.scaling()) {
      case Scaling.GlobalNorm v -> T.mul(g, c);
      case Scaling.TensorNorm v -> T.mul(g, c);
      case Scaling.Normalised v -> T.mul(g, c);
      case Scaling.None v -> T.mul(g, c);
      case Scaling.Value v -> {
        double x = T.mul(g, gradientScale);
        double y = x < -bound ? -bound : x > bound ? bound : x;
        yield T.mul(y, rateFactor);
      }
      case Scaling.Soft v -> {
        double x = T.mul(g, gradientScale);
        double y = T.mul(bound, T.div(x, T.add(bound, Math.abs(x))));
        yield T.mul(y, rateFactor);
      }
    };
  }

  /** What stands in θ's place where only the update is wanted: what weight decay takes, from a zero that adds nothing. */
  double onlyDecay(double theta) {
    return config.weightDecay() == 0 ? -0.0 : -T.mul(theta, weightDecay);
  }

  /** Whether weight decay is a part of the rule. */
  private boolean averages() {
    return !config.rule().parameterSlots().isEmpty();
  }

  /** θ after decoupled weight decay. */
  double decayed(double theta) {
    return config.weightDecay() == 0 || averages() ? theta : T.sub(theta, T.mul(theta, weightDecay));
  }
}
