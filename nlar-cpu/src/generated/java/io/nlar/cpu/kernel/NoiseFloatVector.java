// Made by build-kernels from src/kernels; change the template there.
package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorOperators.Conversion;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The draws of {@link io.nlar.spi.Philox} for float32, on vectors.
 *
 * <p>Each vector of longs holds one of the four words of as many counters, in the lower halves of its lanes; the upper
 * halves of words 1 and 3 hold anything. Two such sets of vectors take turns, since each operation waits for the one
 * before.
 */
final class NoiseFloatVector implements NoiseKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);
  private static final VectorShape SHAPE = VectorShape.forBitSize(VARIANT.vectorBits());
  private static final VectorShape HALF = VectorShape.forBitSize(VARIANT.vectorBits() / 2);
  private static final VectorSpecies<Long> SPECIES = VectorSpecies.of(long.class, SHAPE);
  private static final VectorSpecies<Integer> WORDS = VectorSpecies.of(int.class, HALF);
  private static final VectorSpecies<Double> WIDE = VectorSpecies.of(double.class, SHAPE);
  private static final VectorSpecies<Float> NARROW = VectorSpecies.of(float.class, HALF);
  private static final Conversion<Integer, Double> EXACT = Conversion.ofCast(int.class, double.class);
  private static final Conversion<Double, Float> ROUND = Conversion.ofCast(double.class, float.class);
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int LANES = SPECIES.length();
  private static final int VECTOR_BYTES = LANES * Long.BYTES;

  /** Draws of both sets of vectors. */
  private static final int BATCH = 2 * LANES * BLOCK;

  private static final long WORD = 0xFFFFFFFFL;
  private static final long SIGNS = 0x8000000080000000L;
  private static final VectorShuffle<Long> SWAPPED = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);

  /**
   * The counters of a set, from the first one on: those of the first half of its draws in the even lanes, the others in
   * the odd ones, so that words come into their order by exchanging neighbours.
   */
  private static final LongVector COUNTERS = LongVector.fromArray(SPECIES, counters(LANES), 0);
  private static final LongVector ODD = LongVector.fromArray(SPECIES, odd(LANES), 0);

  NoiseFloatVector() {}

  private static long[] counters(int lanes) {
    long[] counters = new long[lanes];
    for (int lane = 0; lane < lanes; lane++) {
      counters[lane] = lane / 2 + (lane % 2) * (lanes / 2);
    }
    return counters;
  }

  private static long[] odd(int lanes) {
    long[] odd = new long[lanes];
    for (int lane = 1; lane < lanes; lane += 2) {
      odd[lane] = -1;
    }
    return odd;
  }

  @Override
  public void draw(long key, long t, long block, int count, long to, long scratch) {
    for (int done = 0; done < count; done += BATCH) {
      drawWords(key, t, block + done / BLOCK, scratch + (long) done * Integer.BYTES);
    }
    convert(count, scratch, to);
  }

  /** Leaves the words of a batch, less 2³¹, as ints at {@code to}. */
  private static void drawWords(long key, long t, long block, long to) {
    final LongVector word = LongVector.broadcast(SPECIES, WORD);
    // So that the compiler sees factors of 32 bits: it has an instruction for these.
    final LongVector m0 = LongVector.broadcast(SPECIES, M0).and(word);
    final LongVector m1 = LongVector.broadcast(SPECIES, M1).and(word);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    // Two rounds in which half of the words are the same for all counters.
    final long p = M1 * (t & WORD);
    final long q = M0 * (((p >>> 32) ^ (block >>> 32) ^ k0) & WORD);
    final LongVector firstK1 = LongVector.broadcast(SPECIES, (t >>> 32) ^ k1);
    k0 += W0;
    k1 += W1;
    final LongVector secondK0 = LongVector.broadcast(SPECIES, p ^ k0);
    final LongVector secondK1 = LongVector.broadcast(SPECIES, (q >>> 32) ^ k1);
    final LongVector counterA = COUNTERS.add(block & WORD);
    final LongVector counterB = counterA.add(LANES);
    LongVector a3 = counterA.and(word).mul(m0);
    LongVector b3 = counterB.and(word).mul(m0);
    LongVector a1 = a3.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, firstK1).and(word).mul(m1);
    LongVector b1 = b3.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, firstK1).and(word).mul(m1);
    LongVector a0 = a1.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, secondK0);
    LongVector b0 = b1.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, secondK0);
    LongVector a2 = a3.lanewise(VectorOperators.XOR, secondK1);
    LongVector b2 = b3.lanewise(VectorOperators.XOR, secondK1);
    a3 = LongVector.broadcast(SPECIES, q);
    b3 = a3;
    for (int round = 2; round < ROUNDS; round++) {
      k0 += W0;
      k1 += W1;
      final LongVector key0 = LongVector.broadcast(SPECIES, (long) k0);
      final LongVector key1 = LongVector.broadcast(SPECIES, (long) k1);
      final LongVector p0 = a0.and(word).mul(m0);
      final LongVector p1 = a2.and(word).mul(m1);
      final LongVector q0 = b0.and(word).mul(m0);
      final LongVector q1 = b2.and(word).mul(m1);
      a0 = p1.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, a1).lanewise(VectorOperators.XOR, key0);
      a2 = p0.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, a3).lanewise(VectorOperators.XOR, key1);
      b0 = q1.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, b1).lanewise(VectorOperators.XOR, key0);
      b2 = q0.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, b3).lanewise(VectorOperators.XOR, key1);
      a1 = p1;
      a3 = p0;
      b1 = q1;
      b3 = q0;
    }
    final MemorySegment memory = Memory.EVERYWHERE;
    final LongVector ax = a0.and(word).or(a1.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, SIGNS);
    final LongVector ay = a2.and(word).or(a3.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, SIGNS);
    ax.bitwiseBlend(ay.rearrange(SWAPPED), ODD).intoMemorySegment(memory, to, ORDER);
    ax.rearrange(SWAPPED).bitwiseBlend(ay, ODD).intoMemorySegment(memory, to + VECTOR_BYTES, ORDER);
    final LongVector bx = b0.and(word).or(b1.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, SIGNS);
    final LongVector by = b2.and(word).or(b3.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, SIGNS);
    bx.bitwiseBlend(by.rearrange(SWAPPED), ODD).intoMemorySegment(memory, to + 2 * VECTOR_BYTES, ORDER);
    bx.rearrange(SWAPPED).bitwiseBlend(by, ODD).intoMemorySegment(memory, to + 3 * VECTOR_BYTES, ORDER);
  }

  /** ((word + 1/2) · 2⁻³² · 2 − 1) · √3; all but the last product is exact in binary64. */
  private static void convert(int count, long words, long to) {
    final MemorySegment memory = Memory.EVERYWHERE;
    for (int i = 0; i < count; i += LANES) {
      final long at = words + (long) i * Integer.BYTES;
      final DoubleVector word =
          (DoubleVector) IntVector.fromMemorySegment(WORDS, memory, at, ORDER).convertShape(EXACT, WIDE, 0);
      final DoubleVector draw = word.add(0.5).mul(UNIT);
      draw.convertShape(ROUND, NARROW, 0).intoMemorySegment(memory, to + (long) i * Float.BYTES, ORDER);
    }
  }
}
