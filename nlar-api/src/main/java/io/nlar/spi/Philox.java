package io.nlar.spi;

import io.nlar.DType;
import io.nlar.Noise.Distribution;
import java.util.Objects;

/**
 * The noise draws of docs/numerics.md: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011), each word mapped to a number by {@link Quantiles}.
 */
public final class Philox {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private Philox() {}

  /**
   * Draws ε for the elements of a tensor from {@code from} on, rounded to the element type.
   *
   * @param distribution what they are distributed as
   * @param key the seed xor {@link TensorPlan#nameHash}
   * @param t number of the step, 0 for frozen noise
   * @param epsilon takes the draws, from index 0 on
   * @param count how many to draw
   */
  public static void draw(
      Distribution distribution, long key, long t, long from, DType type, double[] epsilon, int count) {
    Objects.checkFromIndexSize(0, count, epsilon.length);
    for (long block = from >>> 2; block << 2 < from + count; block++) {
      int c0 = (int) block;
      int c1 = (int) (block >>> 32);
      int c2 = (int) t;
      int c3 = (int) (t >>> 32);
      int k0 = (int) key;
      int k1 = (int) (key >>> 32);
      for (int round = 0; round < ROUNDS; round++) {
        long p0 = (M0 & 0xffffffffL) * (c0 & 0xffffffffL);
        long p1 = (M1 & 0xffffffffL) * (c2 & 0xffffffffL);
        c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
        c1 = (int) p1;
        c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
        c3 = (int) p0;
        k0 += W0;
        k1 += W1;
      }
      // The first block may start before `from`, and the last may reach beyond `count`.
      int at = (int) ((block << 2) - from);
      put(epsilon, at, count, distribution, type, c0);
      put(epsilon, at + 1, count, distribution, type, c1);
      put(epsilon, at + 2, count, distribution, type, c2);
      put(epsilon, at + 3, count, distribution, type, c3);
    }
  }

  private static void put(double[] epsilon, int at, int count, Distribution distribution, DType type, int word) {
    if (at >= 0 && at < count) {
      epsilon[at] = type.round(Quantiles.draw(distribution, word));
    }
  }
}
