package io.nlar.spi;

import io.nlar.DType;

/**
 * The noise draws of docs/numerics.md: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011), mapped to uniform numbers on [−√3, √3].
 */
public final class Philox {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final double SQRT_3 = Math.sqrt(3);

  private Philox() {}

  /** Receives draws one by one, so that a caller can store them anywhere without allocation. */
  public interface Sink {
    /** ε of element {@code element}, already rounded to the element type. */
    void accept(long element, double epsilon);
  }

  /**
   * Draws ε for elements {@code from} to {@code to} (exclusive) of a tensor.
   *
   * @param key the seed xor {@link TensorPlan#nameHash}
   * @param t number of the step, 0 for frozen noise
   */
  public static void draw(long key, long t, long from, long to, DType type, Sink sink) {
    for (long block = from >>> 2; block << 2 < to; block++) {
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
      long first = block << 2;
      emit(first, c0, from, to, type, sink);
      emit(first + 1, c1, from, to, type, sink);
      emit(first + 2, c2, from, to, type, sink);
      emit(first + 3, c3, from, to, type, sink);
    }
  }

  private static void emit(long element, int word, long from, long to, DType type, Sink sink) {
    if (element >= from && element < to) {
      sink.accept(element, type.round((((word & 0xffffffffL) + 0.5) * 0x1p-32 * 2 - 1) * SQRT_3));
    }
  }
}
