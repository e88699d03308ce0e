package io.nlar.bench.harness;

import java.util.Arrays;

/**
 * A median with its 95 % confidence interval.
 *
 * @param median the estimate
 * @param low lower end
 * @param high upper end
 */
public record Interval(double median, double low, double high) {
  /** Fewest values that have an interval: 1 − 2·2⁻⁶ ≥ 95 %. */
  public static final int FEWEST = 6;

  /** Width that the intervals of a careful comparison do not exceed, relative to the median. */
  public static final double PRECISE = 0.05;

  private static final double TAIL = 0.025;

  /**
   * The median of {@code values} and its interval by order statistics (the sign test): from the k-th smallest to the
   * k-th largest value, with the largest k for which a fair coin falls on one side fewer than k times with probability
   * at most 2.5 %. It holds for values of any distribution.
   *
   * @throws IllegalArgumentException if there are fewer than {@value #FEWEST} values
   */
  public static Interval ofMedian(double[] values) {
    int n = values.length;
    if (n < FEWEST) {
      throw new IllegalArgumentException("a 95 % interval takes " + FEWEST + " values; there are " + n);
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int k = rank(n);
    return new Interval(median(sorted), sorted[k - 1], sorted[n - k]);
  }

  /**
   * The largest k with P(Binomial(n, 1/2) < k) ≤ 2.5 %, from 1. Probabilities by their logarithms: from n = 1075 on the
   * first of them is less than the least double.
   */
  private static int rank(int n) {
    double logarithm = -n * Math.log(2);
    double below = Math.exp(logarithm);
    int k = 1;
    while (true) {
      logarithm += Math.log((double) (n - k + 1) / k);
      below += Math.exp(logarithm);
      if (below > TAIL) {
        return k;
      }
      k++;
    }
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** This interval with all three numbers multiplied by {@code factor} > 0. */
  public Interval times(double factor) {
    return new Interval(median * factor, low * factor, high * factor);
  }

  /** Whether it is wider than {@link #PRECISE}. */
  public boolean wide() {
    return relativeWidth() > PRECISE;
  }

  /** Width relative to the median. */
  public double relativeWidth() {
    return (high - low) / median;
  }
}
