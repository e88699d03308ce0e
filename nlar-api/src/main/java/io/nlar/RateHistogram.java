package io.nlar;

import java.util.Locale;

/**
 * A histogram of learning rates on a logarithmic scale: {@value #BINS_PER_DECADE} bins a decade of |γ| from
 * 1e{@value #LOWEST_DECADE} to 1e{@value #HIGHEST_DECADE}; rates beyond are counted in the outermost bins. Negative
 * rates are mirrored.
 */
public final class RateHistogram {
  /** Bins a decade: a quantile is off by at most 6 %. */
  public static final int BINS_PER_DECADE = 20;
  /** Decimal exponent at the lower end. */
  public static final int LOWEST_DECADE = -40;
  /** Decimal exponent at the upper end. */
  public static final int HIGHEST_DECADE = 10;

  private static final int BINS = (HIGHEST_DECADE - LOWEST_DECADE) * BINS_PER_DECADE;

  private final long[] positive = new long[BINS];
  private final long[] negative = new long[BINS];
  private long zero;
  private long nan;
  private long count;

  /** An empty histogram. */
  public RateHistogram() {}

  /** Counts {@code times} parameters of rate {@code rate}. */
  public void add(double rate, long times) {
    if (Double.isNaN(rate)) {
      nan += times;
      return;
    }
    count += times;
    if (rate == 0) {
      zero += times;
    } else {
      (rate > 0 ? positive : negative)[bin(Math.abs(rate))] += times;
    }
  }

  private static int bin(double magnitude) {
    double position = (Math.log10(magnitude) - LOWEST_DECADE) * BINS_PER_DECADE;
    return (int) Math.max(0, Math.min(BINS - 1, position));
  }

  /** Number of rates, NaN not counted. */
  public long count() {
    return count;
  }

  /** Number of NaN rates. */
  public long nanCount() {
    return nan;
  }

  /** Number of negative rates. */
  public long negativeCount() {
    long sum = 0;
    for (long n : negative) {
      sum += n;
    }
    return sum;
  }

  /**
   * The quantile {@code q}: the middle (geometric) of the bin in which it falls; NaN where there are no rates.
   *
   * @param q from 0 to 1
   * @throws SettingException if it is not
   */
  public double quantile(double q) {
    if (!(q >= 0 && q <= 1)) {
      throw new SettingException("a quantile lies between 0 and 1, not at " + q);
    }
    if (count == 0) {
      return Double.NaN;
    }
    long rank = Math.min(count - 1, (long) (q * count));
    long seen = 0;
    for (int i = BINS - 1; i >= 0; i--) {
      if ((seen += negative[i]) > rank) {
        return -middle(i);
      }
    }
    if ((seen += zero) > rank) {
      return 0;
    }
    for (int i = 0; i < BINS; i++) {
      if ((seen += positive[i]) > rank) {
        return middle(i);
      }
    }
    throw new AssertionError("the bins hold fewer rates than were counted");
  }

  /** For people: how many, three quantiles, and how many are negative or NaN. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(count);
    if (count > 0) {
      text.append(String.format(Locale.ROOT, ", 10 %% below %.1e, half below %.1e, 90 %% below %.1e",
          quantile(0.1), quantile(0.5), quantile(0.9)));
    }
    if (negativeCount() > 0) {
      text.append(", ").append(negativeCount()).append(" negative");
    }
    if (nan > 0) {
      text.append(", besides ").append(nan).append(" NaN");
    }
    return text.toString();
  }

  private static double middle(int bin) {
    return Math.pow(10, LOWEST_DECADE + (bin + 0.5) / BINS_PER_DECADE);
  }
}
