package io.nlar.cpu.kernel;

/** Conversions and random bits of docs/numerics.md, "Low precision", of one element; vectors do the same in their kernels. */
public final class Rounding {
  /** Multipliers of the random bits. */
  static final int M0 = 0x9E3779B9;
  static final int M1 = 0x7FEB352D;
  static final int M2 = 0x846CA68B;

  /** By what the random bits are multiplied for a value, and for a slot of state. */
  static final short VALUE = 0x1855;
  static final short VELOCITY = (short) 0x8529;
  static final short WEIGHT = 0x134D;
  static final short MEAN = VELOCITY;
  static final short SQUARE = WEIGHT;
  static final short PREVIOUS = 0x6C2D;

  private Rounding() {}

  /**
   * K, the key of the random bits of a tensor in step {@code t}.
   *
   * @param key the seed xor the hash of the tensor's name
   * @param element an element; the key is the same for 2³³ of them
   */
  public static long key(long key, long t, long element) {
    return mix(mix(key + 0x9E3779B97F4A7C15L * t) + 0xD1B54A32D192ED03L * ((element >>> 33) + 1));
  }

  private static long mix(long z) {
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  /** r of the first (0) or second (1) element of a pair: the lower 16 bits. */
  static int random(long key, int pair, int element) {
    int x = pair * M0 + (int) key;
    x = (x ^ x >>> 16) * M1 ^ (int) (key >>> 32);
    x = (x ^ x >>> 15) * M2;
    return (x ^ x >>> 16) >>> 16 * element;
  }

  /** SR(x, r): to bfloat16; of r the lower 16 bits count. */
  static short stochastic(float x, int r) {
    int b = Float.floatToRawIntBits(x);
    boolean up = (b & Integer.MAX_VALUE) < 0x7F7F0000 && (b & 0xFFFF) > (r & 0xFFFF);
    return (short) ((b >>> 16) + (up ? 1 : 0));
  }

  static float fromBfloat(short h) {
    return Float.intBitsToFloat(h << 16);
  }
}
