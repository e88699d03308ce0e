package io.nlar.spi;

/** A binary32 as the bfloat16 nearest to it and the 16 bits that this lacks: docs/numerics.md, "Low precision". */
public final class Remainder {
  private static final int INFINITY = 0x7F800000;

  private Remainder() {}

  /** The upper half of an exact value, rounded to nearest, ties away from zero. */
  public static short upper(float exact) {
    int b = Float.floatToRawIntBits(exact);
    boolean up = (b & Integer.MAX_VALUE) < INFINITY && (b & 0x8000) != 0;
    return (short) ((b >>> 16) + (up ? 1 : 0));
  }

  /** The exact value of a rounded upper half and the lower one; a zero that was written from outside stays one. */
  public static float join(short upper, short lower) {
    int up = lower < 0 ? 1 : 0;
    if (up == 1 && (upper & 0x7FFF) == 0) {
      return Float.intBitsToFloat(upper << 16);
    }
    return Float.intBitsToFloat((upper - up) << 16 | lower & 0xFFFF);
  }
}
