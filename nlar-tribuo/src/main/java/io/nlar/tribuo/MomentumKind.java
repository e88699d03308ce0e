package io.nlar.tribuo;

import io.nlar.Momentum;

/** How the {@link Momentum} decays, as Tribuo's configuration files say it. */
public enum MomentumKind {
  /** {@link Momentum.Inverse}. */
  INVERSE,
  /** {@link Momentum.InverseSqrt}. */
  INVERSE_SQRT,
  /** {@link Momentum.Constant}. */
  CONSTANT,
  /** {@link Momentum.None}. */
  NONE;

  static MomentumKind of(Momentum momentum) {
    return switch (momentum) {
      case Momentum.Inverse m -> INVERSE;
      case Momentum.InverseSqrt m -> INVERSE_SQRT;
      case Momentum.Constant m -> CONSTANT;
      case Momentum.None m -> NONE;
    };
  }

  Momentum with(double mu) {
    return switch (this) {
      case INVERSE -> new Momentum.Inverse(mu);
      case INVERSE_SQRT -> new Momentum.InverseSqrt(mu);
      case CONSTANT -> new Momentum.Constant(mu);
      case NONE -> new Momentum.None();
    };
  }
}
