package io.nlar.testkit;

import java.util.Arrays;

/**
 * The sum of squares in the order that docs/numerics.md fixes, in binary64: blocks of 1024 consecutive elements as 32
 * rows of 32 lanes, then lanes pairwise, then the block sums as elements of the next level.
 */
final class ReferenceSum {
  private static final int LANES = 32;
  private static final int BLOCK = 1024;

  private ReferenceSum() {}

  /** The sum of squares of a tensor; +0 for an empty one. */
  static double ofSquares(double[] elements) {
    return ofProducts(elements, elements);
  }

  /** The sum of numbers; +0 for none. */
  static double of(double[] elements) {
    double[] level = elements;
    do {
      double[] sums = new double[Math.max(1, Math.ceilDiv(level.length, BLOCK))];
      for (int block = 0; block < sums.length; block++) {
        sums[block] = block(level, block * BLOCK);
      }
      level = sums;
    } while (level.length > 1);
    return level[0];
  }

  /** The sums of squares of a tensor's blocks; of none, where it is empty. */
  static double[] ofBlocks(double[] elements) {
    return ofBlocks(elements, elements);
  }

  /** The sums of products of a tensor's blocks; of none, where it is empty. */
  static double[] ofBlocks(double[] a, double[] b) {
    double[] products = products(a, b);
    double[] sums = new double[Math.ceilDiv(products.length, BLOCK)];
    Arrays.setAll(sums, block -> block(products, block * BLOCK));
    return sums;
  }

  /** The sum of products of two tensors' elements; +0 for empty ones. */
  static double ofProducts(double[] a, double[] b) {
    return of(products(a, b));
  }

  private static double[] products(double[] a, double[] b) {
    double[] products = new double[a.length];
    Arrays.setAll(products, i -> a[i] * b[i]);
    return products;
  }

  private static double block(double[] elements, int start) {
    double[] lanes = new double[LANES];
    int end = Math.min(start + BLOCK, elements.length);
    for (int i = start; i < end; i++) {
      int lane = (i - start) % LANES;
      lanes[lane] = lanes[lane] + elements[i];
    }
    for (int distance = LANES / 2; distance > 0; distance /= 2) {
      for (int lane = 0; lane < distance; lane++) {
        lanes[lane] = lanes[lane] + lanes[lane + distance];
      }
    }
    return lanes[0];
  }
}
