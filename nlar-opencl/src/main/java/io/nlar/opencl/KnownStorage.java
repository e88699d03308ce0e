package io.nlar.opencl;

import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Numbers and patterns on which compilers are found out that get storage.cl wrong: shifts and unsigned comparisons in lanes
 * of 16 bits, words taken for pairs of elements, the order of elements in a vector. The answers follow docs/numerics.md,
 * "Low precision".
 */
final class KnownStorage {
  /** Numbers, and patterns, a multiple of the widest vector. */
  static final int COUNT = 256;
  /** Results of 16 bits for each of them. */
  static final int HALVES = 5;
  /** Results of 32 bits for each of them. */
  static final int WORDS = 3;
  private static final String[] HALF = {"a bfloat16 rounded by random bits", "the nearest bfloat16", "its remainder",
      "the nearest float16", "random bits"};
  private static final String[] WORD = {"the number of a bfloat16", "the number of a float16",
      "the number of a bfloat16 and a remainder"};
  private static final long FIRST = 1L << 33;

  /** Patterns of binary32 numbers; no NaNs. */
  final int[] numbers = new int[COUNT];
  /** Elements of 16 bits, and random bits; no NaNs of float16. */
  final short[] patterns = new short[COUNT];
  private final short[] halves = new short[HALVES * COUNT];
  private final int[] words = new int[WORDS * COUNT];

  KnownStorage() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < COUNT; i++) {
      // Every exponent, with fractions around those at which a rounding turns: by r, by half a place of either type.
      int pattern = random.nextInt(0x10000);
      int fraction = switch (i % 4) {
        case 0 -> random.nextInt(0x80) << 16 | pattern;
        case 1 -> random.nextInt(0x80) << 16 | pattern + 1 & 0xFFFF;
        case 2 -> random.nextInt(0x400) << 13 | 0x1000;
        default -> random.nextInt(0x80) << 16 | 0x8000 - random.nextInt(2);
      };
      numbers[i] = random.nextInt(2) << 31 | i << 23 | (i == 255 ? 0 : fraction);
      patterns[i] = (short) ((pattern & 0x7C00) == 0x7C00 ? pattern & 0xFC00 : pattern);
      answer(i);
    }
  }

  private void answer(int i) {
    int b = numbers[i];
    int r = patterns[i] & 0xFFFF;
    int magnitude = b & Integer.MAX_VALUE;
    int low = b & 0xFFFF;
    halves[i] = (short) ((b >>> 16) + (low > r && magnitude < 0x7F7F0000 ? 1 : 0));
    halves[COUNT + i] = (short) (magnitude < 0x7F800000 ? b + 0x8000 >>> 16 : b >>> 16);
    halves[2 * COUNT + i] = (short) low;
    halves[3 * COUNT + i] = Float.floatToFloat16(Float.intBitsToFloat(b));
    halves[4 * COUNT + i] = (short) bits(FIRST + i);
    words[i] = r << 16;
    words[COUNT + i] = Float.floatToRawIntBits(Float.float16ToFloat(patterns[i]));
    words[2 * COUNT + i] = b;
  }

  /** r of an element in step 1, where name and seed come to the key 0. */
  private static int bits(long element) {
    long k = mix64(mix64(0x9E3779B97F4A7C15L) + 0xD1B54A32D192ED03L * ((element >>> 33) + 1));
    int x = (int) (element >>> 1) * 0x9E3779B9 + (int) k;
    x = (x ^ x >>> 16) * 0x7FEB352D ^ (int) (k >>> 32);
    x = (x ^ x >>> 15) * 0x846CA68B;
    x ^= x >>> 16;
    return element % 2 == 0 ? x & 0xFFFF : x >>> 16;
  }

  private static long mix64(long z) {
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  /** What a device did otherwise; empty if its answers have the right bits. */
  Optional<String> difference(short[] half, int[] word) {
    for (int i = 0; i < half.length; i++) {
      if (half[i] != halves[i]) {
        return Optional.of(sentence(HALF[i / COUNT], half[i] & 0xFFFF, halves[i] & 0xFFFF));
      }
    }
    for (int i = 0; i < word.length; i++) {
      if (word[i] != words[i]) {
        return Optional.of(sentence(WORD[i / COUNT], word[i], words[i]));
      }
    }
    return Optional.empty();
  }

  private static String sentence(String operation, int was, int expected) {
    return "computes " + operation + " as 0x" + Integer.toHexString(was) + " where 0x" + Integer.toHexString(expected)
        + " is right, so its results would differ; update its driver, or use another device";
  }
}
