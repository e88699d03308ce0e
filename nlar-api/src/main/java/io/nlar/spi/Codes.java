package io.nlar.spi;

import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Scaling;

/**
 * The numbers by which kernels know settings: the one place in Java. The kernels' own headers are held against it by
 * tests.
 */
public final class Codes {
  public static final int SCALING_NONE = 0;
  public static final int SCALING_GLOBAL_NORM = 1;
  public static final int SCALING_TENSOR_NORM = 2;
  public static final int SCALING_NORMALISED = 3;
  public static final int SCALING_NORMALISED_SQUARE = 4;
  public static final int SCALING_VALUE = 5;
  public static final int SCALING_SOFT = 6;

  public static final int DECAY_NONE = 0;
  public static final int DECAY_INVERSE = 1;
  public static final int DECAY_INVERSE_SQRT = 2;
  public static final int DECAY_CONSTANT = 3;

  public static final int NOISE_NONE = 0;
  public static final int NOISE_FROZEN = 1;
  public static final int NOISE_FRESH = 2;

  public static final int DISTRIBUTION_UNIFORM = 0;
  public static final int DISTRIBUTION_GAUSSIAN = 1;
  public static final int DISTRIBUTION_LAPLACE = 2;
  public static final int DISTRIBUTION_RADEMACHER = 3;
  public static final int DISTRIBUTION_STUDENT_T = 4;

  public static final int KEEPS_NOTHING = 0;
  public static final int KEEPS_PEAK = 1;
  public static final int KEEPS_LOG_RATE = 2;

  private Codes() {}

  /** The code of what a rule keeps of a parameter, by its first number. */
  public static int of(RulePlan rule) {
    return rule.parameterSlots().isEmpty() ? KEEPS_NOTHING : rule.observes() ? KEEPS_LOG_RATE : KEEPS_PEAK;
  }

  /** The code of a scaling. */
  public static int of(Scaling scaling) {
    return switch (scaling) {
      case Scaling.None s -> SCALING_NONE;
      case Scaling.GlobalNorm s -> SCALING_GLOBAL_NORM;
      case Scaling.TensorNorm s -> SCALING_TENSOR_NORM;
      case Scaling.Normalised s -> s.power() == 1 ? SCALING_NORMALISED : SCALING_NORMALISED_SQUARE;
      case Scaling.Value s -> SCALING_VALUE;
      case Scaling.Soft s -> SCALING_SOFT;
    };
  }

  /** The code of a momentum's decay. */
  public static int of(Momentum momentum) {
    return switch (momentum) {
      case Momentum.None m -> DECAY_NONE;
      case Momentum.Inverse m -> DECAY_INVERSE;
      case Momentum.InverseSqrt m -> DECAY_INVERSE_SQRT;
      case Momentum.Constant m -> DECAY_CONSTANT;
    };
  }

  /** The code of a kind of noise. */
  public static int of(Noise noise) {
    return switch (noise) {
      case Noise.None n -> NOISE_NONE;
      case Noise.Frozen n -> NOISE_FROZEN;
      case Noise.Fresh n -> NOISE_FRESH;
    };
  }

  /** The code of a distribution of noise. */
  public static int of(Noise.Distribution distribution) {
    return switch (distribution) {
      case UNIFORM -> DISTRIBUTION_UNIFORM;
      case GAUSSIAN -> DISTRIBUTION_GAUSSIAN;
      case LAPLACE -> DISTRIBUTION_LAPLACE;
      case RADEMACHER -> DISTRIBUTION_RADEMACHER;
      case STUDENT_T -> DISTRIBUTION_STUDENT_T;
    };
  }
}
