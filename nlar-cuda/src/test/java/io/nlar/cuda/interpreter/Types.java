package io.nlar.cuda.interpreter;

import java.util.List;

/**
 * The fundamental types of PTX. A register holds its raw bits in a {@code long}, with zeros above them; a predicate is 0
 * or 1.
 */
final class Types {
  static final List<String> SIGNED = List.of("s16", "s32", "s64");
  static final List<String> UNSIGNED = List.of("u16", "u32", "u64");
  static final List<String> BITS = List.of("b16", "b32", "b64");
  static final List<String> FLOATS = List.of("f32", "f64");

  private Types() {}

  /** Bits of a type by name; 1 for a predicate. */
  static int width(String type) {
    return type.equals("pred") ? 1 : Integer.parseInt(type.substring(1));
  }

  static boolean isFloat(String type) {
    return type.startsWith("f");
  }

  static boolean isSigned(String type) {
    return type.startsWith("s");
  }

  /** The low {@code width} bits. */
  static long low(long bits, int width) {
    return width == 64 ? bits : bits & (1L << width) - 1;
  }

  /** The low {@code width} bits as a signed number. */
  static long signed(long bits, int width) {
    return bits << 64 - width >> 64 - width;
  }

  static float single(long bits) {
    return Float.intBitsToFloat((int) bits);
  }

  /** The bits of a result in binary32, whose NaNs a GPU makes the same one. */
  static long bits(float x) {
    return x != x ? 0x7fffffffL : Float.floatToRawIntBits(x) & 0xffffffffL;
  }

  static double twice(long bits) {
    return Double.longBitsToDouble(bits);
  }

  static long bits(double x) {
    return Double.doubleToRawLongBits(x);
  }
}
