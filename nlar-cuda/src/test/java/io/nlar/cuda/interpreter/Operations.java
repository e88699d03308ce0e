package io.nlar.cuda.interpreter;

import static io.nlar.cuda.interpreter.Types.bits;
import static io.nlar.cuda.interpreter.Types.low;
import static io.nlar.cuda.interpreter.Types.signed;
import static io.nlar.cuda.interpreter.Types.single;
import static io.nlar.cuda.interpreter.Types.twice;
import static io.nlar.cuda.interpreter.Types.width;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The arithmetic, logic and comparisons of PTX by their full names. Floating-point arithmetic is here only as one IEEE
 * operation rounded to nearest even: without {@code .rn} the assembler may fuse it, and its bits are not defined.
 */
final class Operations {
  private static final Map<String, Operation> ALL = new HashMap<>();

  private Operations() {}

  /** The operation of a name; null where there is none. */
  static Operation find(String name) {
    return ALL.get(name);
  }

  private static void unary(String name, int result, int width, Operation.Function f) {
    ALL.put(name, new Operation(result, List.of(width), f));
  }

  private static void binary(String name, int width, Operation.Function f) {
    ALL.put(name, new Operation(width, List.of(width, width), f));
  }

  private static void ternary(String name, int width, Operation.Function f) {
    ALL.put(name, new Operation(width, List.of(width, width, width), f));
  }

  static {
    Types.UNSIGNED.forEach(Operations::integers);
    Types.SIGNED.forEach(Operations::integers);
    Types.BITS.forEach(Operations::logic);
    logic("pred");
    wide();
    fields();
    singles();
    doubles();
    choices();
  }

  private static void integers(String type) {
    int w = width(type);
    boolean s = Types.isSigned(type);
    binary("add." + type, w, (a, b, c) -> low(a + b, w));
    binary("sub." + type, w, (a, b, c) -> low(a - b, w));
    binary("mul.lo." + type, w, (a, b, c) -> low(a * b, w));
    ternary("mad.lo." + type, w, (a, b, c) -> low(a * b + c, w));
    if (s) {
      binary("min." + type, w, (a, b, c) -> signed(a, w) < signed(b, w) ? a : b);
      binary("max." + type, w, (a, b, c) -> signed(a, w) > signed(b, w) ? a : b);
      binary("mul.hi." + type, w, (a, b, c) -> w == 64 ? Math.multiplyHigh(a, b)
          : low(signed(a, w) * signed(b, w) >> w, w));
      unary("neg." + type, w, w, (a, b, c) -> low(-a, w));
      unary("abs." + type, w, w, (a, b, c) -> low(Math.abs(signed(a, w)), w));
      ALL.put("shr." + type, new Operation(w, List.of(w, 32),
          (a, b, c) -> low(signed(a, w) >> Math.min(b, 63), w)));
    } else {
      binary("min." + type, w, (a, b, c) -> Long.compareUnsigned(a, b) < 0 ? a : b);
      binary("max." + type, w, (a, b, c) -> Long.compareUnsigned(a, b) > 0 ? a : b);
      binary("mul.hi." + type, w, (a, b, c) -> w == 64 ? Math.unsignedMultiplyHigh(a, b) : a * b >>> w);
      // What a division by 0 gives is undefined.
      binary("div." + type, w, (a, b, c) -> Long.divideUnsigned(a, divisor(b)));
      binary("rem." + type, w, (a, b, c) -> Long.remainderUnsigned(a, divisor(b)));
      ALL.put("shr." + type, new Operation(w, List.of(w, 32), (a, b, c) -> b >= w ? 0 : a >>> b));
    }
    String bits = "b" + w;
    compare("eq." + type, w, (a, b, c) -> a == b ? 1 : 0);
    compare("ne." + type, w, (a, b, c) -> a != b ? 1 : 0);
    compare("eq." + bits, w, (a, b, c) -> a == b ? 1 : 0);
    compare("ne." + bits, w, (a, b, c) -> a != b ? 1 : 0);
    compare("lt." + type, w, (a, b, c) -> order(a, b, w, s) < 0 ? 1 : 0);
    compare("le." + type, w, (a, b, c) -> order(a, b, w, s) <= 0 ? 1 : 0);
    compare("gt." + type, w, (a, b, c) -> order(a, b, w, s) > 0 ? 1 : 0);
    compare("ge." + type, w, (a, b, c) -> order(a, b, w, s) >= 0 ? 1 : 0);
  }

  private static long divisor(long b) {
    if (b == 0) {
      throw new PtxException("division by 0");
    }
    return b;
  }

  private static int order(long a, long b, int width, boolean signed) {
    return signed ? Long.compare(signed(a, width), signed(b, width)) : Long.compareUnsigned(a, b);
  }

  /** A comparison, alone and joined with a predicate. */
  private static void compare(String name, int w, Operation.Function f) {
    ALL.put("setp." + name, new Operation(1, List.of(w, w), f));
    int dot = name.indexOf('.');
    joined(name.substring(0, dot) + ".and" + name.substring(dot), w, (a, b, c) -> f.of(a, b, 0) & c);
    joined(name.substring(0, dot) + ".or" + name.substring(dot), w, (a, b, c) -> f.of(a, b, 0) | c);
    joined(name.substring(0, dot) + ".xor" + name.substring(dot), w, (a, b, c) -> f.of(a, b, 0) ^ c);
  }

  private static void joined(String name, int w, Operation.Function f) {
    ALL.put("setp." + name, new Operation(1, List.of(w, w, 1), f));
  }

  private static void logic(String type) {
    int w = width(type);
    binary("and." + type, w, (a, b, c) -> a & b);
    binary("or." + type, w, (a, b, c) -> a | b);
    binary("xor." + type, w, (a, b, c) -> a ^ b);
    unary("not." + type, w, w, (a, b, c) -> low(~a, w));
    if (w > 1) {
      ALL.put("shl." + type, new Operation(w, List.of(w, 32), (a, b, c) -> b >= w ? 0 : low(a << b, w)));
      ALL.put("shr." + type, new Operation(w, List.of(w, 32), (a, b, c) -> b >= w ? 0 : a >>> b));
    }
  }

  /** Products twice as wide as their factors. */
  private static void wide() {
    for (int w : new int[] {16, 32}) {
      ALL.put("mul.wide.u" + w, new Operation(2 * w, List.of(w, w), (a, b, c) -> a * b));
      ALL.put("mad.wide.u" + w, new Operation(2 * w, List.of(w, w, 2 * w), (a, b, c) -> low(a * b + c, 2 * w)));
      ALL.put("mul.wide.s" + w,
          new Operation(2 * w, List.of(w, w), (a, b, c) -> low(signed(a, w) * signed(b, w), 2 * w)));
      ALL.put("mad.wide.s" + w,
          new Operation(2 * w, List.of(w, w, 2 * w), (a, b, c) -> low(signed(a, w) * signed(b, w) + c, 2 * w)));
    }
  }

  /** Counting and moving bits. */
  private static void fields() {
    unary("popc.b32", 32, 32, (a, b, c) -> Long.bitCount(a));
    unary("popc.b64", 32, 64, (a, b, c) -> Long.bitCount(a));
    unary("clz.b32", 32, 32, (a, b, c) -> Long.numberOfLeadingZeros(a) - 32);
    unary("clz.b64", 32, 64, (a, b, c) -> Long.numberOfLeadingZeros(a));
    unary("brev.b32", 32, 32, (a, b, c) -> Long.reverse(a) >>> 32);
    unary("brev.b64", 64, 64, (a, b, c) -> Long.reverse(a));
    ternary("shf.l.wrap.b32", 32, (a, b, c) -> (b << 32 | a) << (c & 31) >>> 32);
    ternary("shf.r.wrap.b32", 32, (a, b, c) -> low((b << 32 | a) >>> (c & 31), 32));
    ternary("shf.l.clamp.b32", 32, (a, b, c) -> c >= 32 ? a : (b << 32 | a) << c >>> 32);
    ternary("shf.r.clamp.b32", 32, (a, b, c) -> c >= 32 ? b : low((b << 32 | a) >>> c, 32));
    ternary("prmt.b32", 32, Operations::permuted);
    ALL.put("bfe.u32", new Operation(32, List.of(32, 32, 32), (a, b, c) -> field(a, b & 255, c & 255)));
    ALL.put("bfe.u64", new Operation(64, List.of(64, 32, 32), (a, b, c) -> field(a, b & 255, c & 255)));
  }

  /** Bytes of b:a, chosen by the four nibbles of {@code selector}; its top bit repeats the byte's sign. */
  private static long permuted(long a, long b, long selector) {
    long bytes = b << 32 | a;
    long result = 0;
    for (int i = 0; i < 4; i++) {
      int choice = (int) (selector >>> 4 * i) & 15;
      long value = bytes >>> 8 * (choice & 7) & 255;
      result |= (choice < 8 ? value : value > 127 ? 255 : 0) << 8 * i;
    }
    return result;
  }

  private static long field(long a, long position, long length) {
    return position > 63 ? 0 : low(a >>> position, (int) Math.min(length, 64));
  }

  private static void singles() {
    binary("add.rn.f32", 32, (a, b, c) -> bits(single(a) + single(b)));
    binary("sub.rn.f32", 32, (a, b, c) -> bits(single(a) - single(b)));
    binary("mul.rn.f32", 32, (a, b, c) -> bits(single(a) * single(b)));
    binary("div.rn.f32", 32, (a, b, c) -> bits(single(a) / single(b)));
    ternary("fma.rn.f32", 32, (a, b, c) -> bits(Math.fma(single(a), single(b), single(c))));
    // The root in binary64, rounded again, is the rounded root.
    unary("sqrt.rn.f32", 32, 32, (a, b, c) -> bits((float) Math.sqrt(single(a))));
    unary("rcp.rn.f32", 32, 32, (a, b, c) -> bits(1 / single(a)));
    unary("abs.f32", 32, 32, (a, b, c) -> a & 0x7fffffffL);
    unary("neg.f32", 32, 32, (a, b, c) -> a ^ 0x80000000L);
    binary("copysign.f32", 32, (a, b, c) -> a & 0x80000000L | b & 0x7fffffffL);
    binary("min.f32", 32, (a, b, c) -> bits(least(single(a), single(b))));
    binary("max.f32", 32, (a, b, c) -> bits(-least(-single(a), -single(b))));
    comparisons("f32", 32);
  }

  private static void doubles() {
    binary("add.rn.f64", 64, (a, b, c) -> bits(twice(a) + twice(b)));
    binary("sub.rn.f64", 64, (a, b, c) -> bits(twice(a) - twice(b)));
    binary("mul.rn.f64", 64, (a, b, c) -> bits(twice(a) * twice(b)));
    binary("div.rn.f64", 64, (a, b, c) -> bits(twice(a) / twice(b)));
    ternary("fma.rn.f64", 64, (a, b, c) -> bits(Math.fma(twice(a), twice(b), twice(c))));
    unary("sqrt.rn.f64", 64, 64, (a, b, c) -> bits(Math.sqrt(twice(a))));
    unary("rcp.rn.f64", 64, 64, (a, b, c) -> bits(1 / twice(a)));
    unary("abs.f64", 64, 64, (a, b, c) -> a & Long.MAX_VALUE);
    unary("neg.f64", 64, 64, (a, b, c) -> a ^ Long.MIN_VALUE);
    binary("copysign.f64", 64, (a, b, c) -> a & Long.MIN_VALUE | b & Long.MAX_VALUE);
    binary("min.f64", 64, (a, b, c) -> bits(least(twice(a), twice(b))));
    binary("max.f64", 64, (a, b, c) -> bits(-least(-twice(a), -twice(b))));
    comparisons("f64", 64);
  }

  /** The smaller number, −0 below +0; of a number and a NaN the number. */
  private static float least(float a, float b) {
    return a != a ? b : b != b ? a : Math.min(a, b);
  }

  private static double least(double a, double b) {
    return a != a ? b : b != b ? a : Math.min(a, b);
  }

  private interface Test {
    boolean of(double a, double b);
  }

  /** Those that are false and, with a {@code u}, true where one side is a NaN. */
  private static void comparisons(String type, int w) {
    Map<String, Test> tests = Map.of("eq", (a, b) -> a == b, "ne", (a, b) -> a < b || a > b, "lt", (a, b) -> a < b,
        "le", (a, b) -> a <= b, "gt", (a, b) -> a > b, "ge", (a, b) -> a >= b);
    tests.forEach((name, test) -> {
      compareFloats(name + "." + type, w, test);
      compareFloats(name + "u." + type, w, (a, b) -> a != a || b != b || test.of(a, b));
    });
    compareFloats("num." + type, w, (a, b) -> a == a && b == b);
    compareFloats("nan." + type, w, (a, b) -> a != a || b != b);
  }

  private static void compareFloats(String name, int w, Test test) {
    compare(name, w, w == 32
        ? (a, b, c) -> test.of(single(a), single(b)) ? 1 : 0
        : (a, b, c) -> test.of(twice(a), twice(b)) ? 1 : 0);
  }

  /** Moves, and choices by a predicate. */
  private static void choices() {
    for (List<String> types : List.of(Types.UNSIGNED, Types.SIGNED, Types.BITS, Types.FLOATS, List.of("pred"))) {
      for (String type : types) {
        int w = width(type);
        unary("mov." + type, w, w, (a, b, c) -> a);
        if (w > 1) {
          ALL.put("selp." + type, new Operation(w, List.of(w, w, 1), (a, b, c) -> c != 0 ? a : b));
        }
      }
    }
    // Device memory has the same addresses in the generic space.
    unary("cvta.to.global.u64", 64, 64, (a, b, c) -> a);
    unary("cvta.global.u64", 64, 64, (a, b, c) -> a);
    unary("cvta.to.shared.u64", 64, 64, (a, b, c) -> a - Space.SHARED_WINDOW);
    unary("cvta.shared.u64", 64, 64, (a, b, c) -> a + Space.SHARED_WINDOW);
    unary("cvta.to.local.u64", 64, 64, (a, b, c) -> a - Space.LOCAL_WINDOW);
    unary("cvta.local.u64", 64, 64, (a, b, c) -> a + Space.LOCAL_WINDOW);
  }
}
