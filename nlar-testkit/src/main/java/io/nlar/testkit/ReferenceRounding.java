package io.nlar.testkit;

/**
 * The random bits of docs/numerics.md, "Low precision": 16 an element and step, the same on every device. All operations
 * wrap; words are unsigned numbers in a {@code long}.
 */
final class ReferenceRounding {
  private static final long WORD = 0xFFFFFFFFL;

  private final long key;
  private final long t;

  /** The random bits of the tensor {@code name} in step t under a seed. */
  ReferenceRounding(long seed, String name, long t) {
    this.key = seed ^ ReferenceNoise.fnv1a64(name);
    this.t = t;
  }

  /** K of all pairs of elements whose number has the upper word of j. */
  static long stepKey(long key, long t, long j) {
    return mix64(mix64(key + 0x9E3779B97F4A7C15L * t) + 0xD1B54A32D192ED03L * ((j >>> 32) + 1));
  }

  private static long mix64(long z) {
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  /** r of an element, from 0 to 65535. */
  int bits(long element) {
    long j = element >>> 1;
    long k = stepKey(key, t, j);
    long x = times(j & WORD, 0x9E3779B9L) + (k & WORD) & WORD;
    x = times(x ^ x >>> 16, 0x7FEB352DL);
    x ^= k >>> 32;
    x = times(x ^ x >>> 15, 0x846CA68BL);
    x ^= x >>> 16;
    return (int) (element % 2 == 0 ? x & 0xFFFF : x >>> 16);
  }

  private static long times(long a, long b) {
    return a * b & WORD;
  }
}
