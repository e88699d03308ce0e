package io.nlar.cpu.kernel;

import io.nlar.DType;
import io.nlar.Noise.Distribution;

/** The draws of {@link io.nlar.spi.Philox}, rounded to the element type, to native memory. */
public interface NoiseKernel {
  /** Draws a counter gives. */
  int BLOCK = 4;

  /** Draws are made in batches: so many more than asked for may be written. */
  int SURPLUS = 63;

  /** Multipliers and key increments of Philox4x32. */
  long M0 = 0xD2511F53L;
  long M1 = 0xCD9E8D57L;
  int W0 = 0x9E3779B9;
  int W1 = 0xBB67AE85;
  int ROUNDS = 10;

  /**
   * Draws ε.
   *
   * @param key the key
   * @param t number of the step
   * @param block the first element's number divided by {@value #BLOCK}
   * @param count how many to draw; the upper halves of their block numbers are the same
   * @param to address of {@code count} + {@value #SURPLUS} elements
   * @param scratch address of {@code count} + {@value #SURPLUS} ints of the calling thread; may be {@code to}
   */
  void draw(long key, long t, long block, int count, long to, long scratch);

  /** Whether it is compiled, so that {@code count} more draws are its own, not made one by one. */
  default boolean ready(int count) {
    return true;
  }

  /**
   * What a kernel is specialised to.
   *
   * @param type the element type
   * @param distribution what the draws are distributed as
   * @param vectorBits width of its vectors of longs and doubles, at least {@link #NARROWEST}
   */
  record Variant(DType type, Distribution distribution, int vectorBits) {
    /** In vectors of two longs the compiler exchanges no lanes: each would be an object. */
    public static final int NARROWEST = 256;
  }
}
