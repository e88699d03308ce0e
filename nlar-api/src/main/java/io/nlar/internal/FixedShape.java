package io.nlar.internal;

import io.nlar.spi.StepPlan;
import java.util.Arrays;

/** Sums in the fixed shape of docs/numerics.md, from the sums of blocks on. Not for several threads at once. */
final class FixedShape {
  private static final int BLOCK = StepPlan.BLOCK;
  static final int LANES = 32;

  private final double[] lanes = new double[LANES];

  /** The sum of {@code count} values, whose place it uses; +0 of none. */
  double fold(double[] numbers, int from, int count) {
    if (count == 0) {
      return 0;
    }
    for (int left = count; left > 1; left = Math.ceilDiv(left, BLOCK)) {
      for (int first = 0; first < left; first += BLOCK) {
        numbers[from + first / BLOCK] = block(numbers, from + first, Math.min(BLOCK, left - first));
      }
    }
    return numbers[from];
  }

  private double block(double[] numbers, int from, int count) {
    Arrays.fill(lanes, 0);
    for (int i = 0; i < count; i++) {
      lanes[i % LANES] += numbers[from + i];
    }
    return pairwise(lanes);
  }

  /** The sum of 32 lanes, whose place it uses. */
  static double pairwise(double[] lanes) {
    for (int distance = LANES / 2; distance > 0; distance /= 2) {
      for (int lane = 0; lane < distance; lane++) {
        lanes[lane] += lanes[lane + distance];
      }
    }
    return lanes[0];
  }
}
