package io.nlar.tribuo;

import io.nlar.Scaling;

/** The {@link Scaling}s by name, as Tribuo's configuration files say them. */
public enum ScalingKind {
  /** {@link Scaling.GlobalNorm}. */
  GLOBAL_NORM,
  /** {@link Scaling.TensorNorm}. */
  TENSOR_NORM,
  /** {@link Scaling.Normalised} of power 1. */
  NORMALISED,
  /** {@link Scaling.Normalised} of power 2. */
  NORMALISED_SQUARE,
  /** {@link Scaling.Value}. */
  VALUE,
  /** {@link Scaling.Soft}. */
  SOFT,
  /** {@link Scaling.None}. */
  NONE;

  static ScalingKind of(Scaling scaling) {
    return switch (scaling) {
      case Scaling.GlobalNorm s -> GLOBAL_NORM;
      case Scaling.TensorNorm s -> TENSOR_NORM;
      case Scaling.Normalised s -> s.power() == 1 ? NORMALISED : NORMALISED_SQUARE;
      case Scaling.Value s -> VALUE;
      case Scaling.Soft s -> SOFT;
      case Scaling.None s -> NONE;
    };
  }

  Scaling with(double bound) {
    return switch (this) {
      case GLOBAL_NORM -> new Scaling.GlobalNorm(bound);
      case TENSOR_NORM -> new Scaling.TensorNorm(bound);
      case NORMALISED -> new Scaling.Normalised(bound, 1);
      case NORMALISED_SQUARE -> new Scaling.Normalised(bound, 2);
      case VALUE -> new Scaling.Value(bound);
      case SOFT -> new Scaling.Soft(bound);
      case NONE -> new Scaling.None();
    };
  }

  static double boundOf(Scaling scaling) {
    return switch (scaling) {
      case Scaling.GlobalNorm s -> s.bound();
      case Scaling.TensorNorm s -> s.bound();
      case Scaling.Normalised s -> s.bound();
      case Scaling.Value s -> s.bound();
      case Scaling.Soft s -> s.bound();
      case Scaling.None s -> 1;
    };
  }
}
