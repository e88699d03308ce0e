package io.nlar.testkit;

import io.nlar.DType;

/** How far a step may be from a golden trace, relative to max(|expected|, 1e-3 of the largest expected magnitude). */
public final class Tolerances {
  /** The share of a quantity's largest magnitude below which errors count as absolute. */
  public static final double FLOOR = 1e-3;

  private Tolerances() {}

  /** The largest relative error that passes. */
  public static double of(DType type, Quantity quantity) {
    return switch (type) {
      case FLOAT64 -> 1e-8;
      case BFLOAT16, FLOAT16, UINT16 ->
          throw new IllegalArgumentException("what is kept in " + type + " is compared by its bits, not with a tolerance");
      case FLOAT32 -> quantity == Quantity.VELOCITY ? 2e-4 : 5e-5;
    };
  }
}
