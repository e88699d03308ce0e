package io.nlar.cuda.interpreter;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The conversions between types ({@code cvt}). */
final class Conversions {
  private static final String TYPE = "\\.([su](?:8|16|32|64)|f32|f64)";
  private static final Pattern NAME = Pattern.compile("cvt(?:\\.(rn|rni|rzi|rmi|rpi))?" + TYPE + TYPE);
  private static final Set<String> TO_INTEGERS = Set.of("rni", "rzi", "rmi", "rpi");

  private static final Map<String, Operation> FOUND = new ConcurrentHashMap<>();

  private Conversions() {}

  /**
   * A conversion.
   *
   * @param resultWidth width of the register that takes the result, at least that of its type
   * @param sourceWidth width of the register converted, at least that of its type
   * @return null where there is none of this name and these widths
   */
  static Operation find(String name, int resultWidth, int sourceWidth) {
    String key = name + " " + resultWidth + " " + sourceWidth;
    return FOUND.computeIfAbsent(key, k -> make(name, resultWidth, sourceWidth));
  }

  private static Operation make(String name, int resultWidth, int sourceWidth) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return null;
    }
    String rounding = matcher.group(1) == null ? "" : matcher.group(1);
    String to = matcher.group(2);
    String from = matcher.group(3);
    Operation.Function function = Types.isFloat(from) ? fromFloat(rounding, to, from) : fromInteger(rounding, to, from);
    boolean wideEnough = resultWidth >= Types.width(to) && sourceWidth >= Types.width(from)
        && (!Types.isFloat(to) || resultWidth == Types.width(to));
    if (function == null || !wideEnough) {
      return null;
    }
    return new Operation(resultWidth, List.of(sourceWidth), extended(function, to, resultWidth));
  }

  /** A signed number narrower than its register fills it. */
  private static Operation.Function extended(Operation.Function f, String to, int width) {
    int narrow = Types.width(to);
    return Types.isSigned(to) && narrow < width
        ? (a, b, c) -> Types.low(Types.signed(f.of(a, b, c), narrow), width)
        : f;
  }

  private static Operation.Function fromInteger(String rounding, String to, String from) {
    int w = Types.width(from);
    boolean signed = Types.isSigned(from);
    if (!Types.isFloat(to)) {
      int target = Types.width(to);
      return !rounding.isEmpty() ? null
          : (a, b, c) -> Types.low(signed ? Types.signed(a, w) : Types.low(a, w), target);
    }
    if (!rounding.equals("rn")) {
      return null;
    }
    boolean single = to.equals("f32");
    return (a, b, c) -> {
      long x = signed ? Types.signed(a, w) : Types.low(a, w);
      boolean beyond = !signed && x < 0;
      // Half of a number beyond 2^63, with a last bit that rounds as the one lost does.
      long y = beyond ? x >>> 1 | x & 1 : x;
      return single ? Types.bits(beyond ? 2 * (float) y : (float) y) : Types.bits(beyond ? 2 * (double) y : (double) y);
    };
  }

  private static Operation.Function fromFloat(String rounding, String to, String from) {
    boolean single = from.equals("f32");
    if (to.equals(from) && TO_INTEGERS.contains(rounding)) {
      return single
          ? (a, b, c) -> Types.bits((float) rounded(rounding, Types.single(a)))
          : (a, b, c) -> Types.bits(rounded(rounding, Types.twice(a)));
    }
    if (to.equals("f64") && single && rounding.isEmpty()) {
      return (a, b, c) -> Types.bits((double) Types.single(a));
    }
    if (to.equals("f32") && !single && rounding.equals("rn")) {
      return (a, b, c) -> Types.bits((float) Types.twice(a));
    }
    if (Types.isFloat(to) || !TO_INTEGERS.contains(rounding)) {
      return null;
    }
    int w = Types.width(to);
    boolean signed = Types.isSigned(to);
    return (a, b, c) -> Types.low(integer(rounded(rounding, single ? Types.single(a) : Types.twice(a)), w, signed), w);
  }

  private static double rounded(String mode, double x) {
    return switch (mode) {
      case "rni" -> Math.rint(x);
      case "rmi" -> Math.floor(x);
      case "rpi" -> Math.ceil(x);
      default -> x < 0 ? Math.ceil(x) : Math.floor(x);
    };
  }

  /** The nearest integer of a type; 0 for a NaN. */
  private static long integer(double x, int width, boolean signed) {
    if (signed) {
      long limit = Long.MAX_VALUE >> 64 - width;
      return Math.max(-limit - 1, Math.min(limit, (long) x));
    }
    if (width < 64) {
      return Math.max(0, Math.min((1L << width) - 1, (long) x));
    }
    return x < 0x1p63 ? Math.max(0, (long) x) : x >= 0x1p64 ? -1 : (long) (x - 0x1p63) ^ Long.MIN_VALUE;
  }
}
