package io.nlar.experiments;

import java.util.Locale;

/** Numbers as tables and pictures show them. */
final class Numbers {
  private Numbers() {}

  /** What stands for the initial rate NaN: each optimizer's own. */
  static final String DEFAULT_RATE = "default";

  /** A learning rate or the like, short: {@code 1e-6}, {@code 0.5}; NaN is {@link #DEFAULT_RATE}. */
  static String rate(double value) {
    if (Double.isNaN(value)) {
      return DEFAULT_RATE;
    }
    if (value == 0) {
      return "0";
    }
    double magnitude = Math.abs(value);
    if (magnitude >= 0.1 && magnitude < 1000) {
      return trimmed(String.format(Locale.ROOT, "%.3f", value));
    }
    String text = String.format(Locale.ROOT, "%.2e", value);
    int e = text.indexOf('e');
    return trimmed(text.substring(0, e)) + "e" + Integer.parseInt(text.substring(e + 1));
  }

  private static String trimmed(String decimal) {
    return decimal.contains(".") ? decimal.replaceAll("\\.?0+$", "") : decimal;
  }

  /** An accuracy in percent with one digit behind the point. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f", 100 * share);
  }

  /** Seconds with two digits behind the point. */
  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f", seconds);
  }
}
