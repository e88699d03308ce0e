package io.nlar.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people read and write them, with binary prefixes. */
public final class Sizes {
  private static final String[] PREFIXES = {"", "Ki", "Mi", "Gi", "Ti"};
  private static final Pattern COUNT = Pattern.compile("(\\d+)\\s*([KkMmGgTt]?)i?");

  private Sizes() {}

  /** Bytes, for example {@code 11.7 GiB}. */
  public static String bytes(long bytes) {
    double value = bytes;
    int prefix = 0;
    while (value >= 1024 && prefix < PREFIXES.length - 1) {
      value /= 1024;
      prefix++;
    }
    return prefix == 0
        ? bytes + " B"
        : String.format(Locale.ROOT, value < 10 ? "%.2f %sB" : "%.1f %sB", value, PREFIXES[prefix]);
  }

  /** A count of elements, exact: {@code 32 Mi}, or {@code 1000} where no prefix divides it. */
  public static String count(long count) {
    int prefix = 0;
    long value = count;
    while (value != 0 && value % 1024 == 0 && prefix < PREFIXES.length - 1) {
      value /= 1024;
      prefix++;
    }
    return prefix == 0 ? Long.toString(value) : value + " " + PREFIXES[prefix];
  }

  /**
   * Reads a count such as {@code 65536}, {@code 64Ki} or {@code 32M} (binary prefixes all).
   *
   * @throws IllegalArgumentException if it is none, or beyond 64 bits
   */
  public static long parseCount(String text) {
    Matcher matcher = COUNT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no size; use a number of parameters such as 65536, 64Ki or 32Mi");
    }
    int prefix = matcher.group(2).isEmpty() ? 0 : 1 + "KMGT".indexOf(matcher.group(2).toUpperCase(Locale.ROOT));
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * prefix));
    } catch (ArithmeticException | NumberFormatException overflow) {
      throw new IllegalArgumentException("the size '" + text + "' is beyond 64 bits", overflow);
    }
  }
}
