// Made by build-kernels from src/kernels; change the template there.
package io.nlar.cpu.kernel;

import io.nlar.spi.Quantiles;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorOperators.Conversion;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The draws of {@link io.nlar.spi.Philox} for float64, on vectors.
 *
 * <p>Each vector of longs holds one of the four words of as many counters: words 0 and 2 in the upper halves of its
 * lanes, words 1 and 3 in the lower ones, as products leave them; the other halves hold anything. Factors are shifted
 * down, by which the compiler knows that they have 32 bits: it has an instruction for these. (A mask would say so too,
 * but where the processor makes three logical operations in one the compiler joins the mask with those before it.) Two
 * such sets of vectors take turns, since each operation waits for the one before.
 */
final class NoiseDoubleVector implements NoiseKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);
  private static final VectorShape SHAPE = VectorShape.forBitSize(VARIANT.vectorBits());
  private static final VectorShape HALF = VectorShape.forBitSize(VARIANT.vectorBits() / 2);
  private static final VectorSpecies<Long> SPECIES = VectorSpecies.of(long.class, SHAPE);
  private static final VectorSpecies<Integer> WORDS = VectorSpecies.of(int.class, HALF);
  private static final VectorSpecies<Double> WIDE = VectorSpecies.of(double.class, SHAPE);
  private static final Conversion<Integer, Double> EXACT = Conversion.ofCast(int.class, double.class);
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
  private static final VectorMask<Long> ODD = VectorMask.fromLong(SPECIES, 0xAAAAAAAAL);

  private static final DoubleVector ONE = DoubleVector.broadcast(WIDE, 1);
  private static final long SIGN = 1L << 63;
  private static final int FRACTION = 52;
  private static final long BIAS = (long) Double.MAX_EXPONENT << FRACTION;
  private static final long ROOT_HALF_BITS = Double.doubleToRawLongBits(Quantiles.ROOT_HALF);
  private static final long TWO_POW_52_BITS = Double.doubleToRawLongBits(0x1p52);
  private static final double[] LOGARITHM = Quantiles.logarithm();
  private static final double[] OVER = Quantiles.gaussianOver();
  private static final double[] UNDER = Quantiles.gaussianUnder();
  private static final double[] STUDENT = Quantiles.studentT();

  NoiseDoubleVector() {}

  private static long[] counters(int lanes) {
    long[] counters = new long[lanes];
    for (int lane = 0; lane < lanes; lane++) {
      counters[lane] = lane / 2 + (lane % 2) * (lanes / 2);
    }
    return counters;
  }

  @Override
  public void draw(long key, long t, long block, int count, long to, long scratch) {
    drawWords(key, t, block, count, scratch);
    convert(count, scratch, to);
  }

  /** Leaves words, less 2³¹, as ints at {@code to}. */
  private static void drawWords(long key, long t, long block, int count, long to) {
    final MemorySegment memory = Memory.EVERYWHERE;
    final LongVector word = LongVector.broadcast(SPECIES, WORD);
    final LongVector m0 = LongVector.broadcast(SPECIES, M0).and(word);
    final LongVector m1 = LongVector.broadcast(SPECIES, M1).and(word);
    final int k0 = (int) key;
    final int k1 = (int) (key >>> 32);
    // Two rounds in which half of the words are the same for all counters.
    final long p = M1 * (t & WORD);
    final long q = M0 * (((p >>> 32) ^ (block >>> 32) ^ k0) & WORD);
    final LongVector firstK1 = LongVector.broadcast(SPECIES, ((t >>> 32) ^ k1) << 32);
    final LongVector secondK0 = LongVector.broadcast(SPECIES, (p ^ (k0 + W0)) << 32);
    final LongVector secondK1 = LongVector.broadcast(SPECIES, ((q >>> 32) ^ (k1 + W1)) << 32);
    final LongVector known = LongVector.broadcast(SPECIES, q);
    final LongVector thirdK0 = LongVector.broadcast(SPECIES, (long) (k0 + 2 * W0) << 32);
    final LongVector thirdK1 = LongVector.broadcast(SPECIES, (long) (k1 + 2 * W1) << 32);
    final LongVector w0 = LongVector.broadcast(SPECIES, (long) W0 << 32);
    final LongVector w1 = LongVector.broadcast(SPECIES, (long) W1 << 32);
    for (int done = 0; done < count; done += BATCH) {
      final LongVector counterA = COUNTERS.add((block & WORD) + done / BLOCK);
      final LongVector counterB = counterA.add(LANES);
      LongVector a3 = counterA.and(word).mul(m0);
      LongVector b3 = counterB.and(word).mul(m0);
      LongVector a1 = a3.lanewise(VectorOperators.XOR, firstK1).lanewise(VectorOperators.LSHR, 32).mul(m1);
      LongVector b1 = b3.lanewise(VectorOperators.XOR, firstK1).lanewise(VectorOperators.LSHR, 32).mul(m1);
      // What is carried from round to round are products: of a sum that is carried the compiler forgets the shift.
      LongVector p0 = a1.lanewise(VectorOperators.XOR, secondK0).lanewise(VectorOperators.LSHR, 32).mul(m0);
      LongVector q0 = b1.lanewise(VectorOperators.XOR, secondK0).lanewise(VectorOperators.LSHR, 32).mul(m0);
      LongVector p1 = a3.lanewise(VectorOperators.LSHL, 32).lanewise(VectorOperators.XOR, secondK1)
          .lanewise(VectorOperators.LSHR, 32).mul(m1);
      LongVector q1 = b3.lanewise(VectorOperators.LSHL, 32).lanewise(VectorOperators.XOR, secondK1)
          .lanewise(VectorOperators.LSHR, 32).mul(m1);
      a3 = known;
      b3 = known;
      // Keys are sums in the upper halves of lanes.
      LongVector key0 = thirdK0;
      LongVector key1 = thirdK1;
      for (int round = 3; round < ROUNDS; round++) {
        final LongVector a0 = p1.lanewise(VectorOperators.XOR, a1.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, key0);
        final LongVector a2 = p0.lanewise(VectorOperators.XOR, a3.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, key1);
        final LongVector b0 = q1.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, key0);
        final LongVector b2 = q0.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, key1);
        key0 = key0.add(w0);
        key1 = key1.add(w1);
        a1 = p1;
        a3 = p0;
        b1 = q1;
        b3 = q0;
        p0 = a0.lanewise(VectorOperators.LSHR, 32).mul(m0);
        p1 = a2.lanewise(VectorOperators.LSHR, 32).mul(m1);
        q0 = b0.lanewise(VectorOperators.LSHR, 32).mul(m0);
        q1 = b2.lanewise(VectorOperators.LSHR, 32).mul(m1);
      }
      final LongVector a0 = p1.lanewise(VectorOperators.XOR, a1.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, key0);
      final LongVector a2 = p0.lanewise(VectorOperators.XOR, a3.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, key1);
      final LongVector b0 = q1.lanewise(VectorOperators.XOR, b1.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, key0);
      final LongVector b2 = q0.lanewise(VectorOperators.XOR, b3.lanewise(VectorOperators.LSHL, 32)).lanewise(VectorOperators.XOR, key1);
      final long at = to + (long) done * Integer.BYTES;
      final LongVector ax =
          a0.lanewise(VectorOperators.LSHR, 32).or(p1.lanewise(VectorOperators.LSHL, 32))
              .lanewise(VectorOperators.XOR, SIGNS);
      final LongVector ay =
          a2.lanewise(VectorOperators.LSHR, 32).or(p0.lanewise(VectorOperators.LSHL, 32))
              .lanewise(VectorOperators.XOR, SIGNS);
      ax.blend(ay.rearrange(SWAPPED), ODD).intoMemorySegment(memory, at, ORDER);
      ax.rearrange(SWAPPED).blend(ay, ODD).intoMemorySegment(memory, at + VECTOR_BYTES, ORDER);
      final LongVector bx =
          b0.lanewise(VectorOperators.LSHR, 32).or(q1.lanewise(VectorOperators.LSHL, 32))
              .lanewise(VectorOperators.XOR, SIGNS);
      final LongVector by =
          b2.lanewise(VectorOperators.LSHR, 32).or(q0.lanewise(VectorOperators.LSHL, 32))
              .lanewise(VectorOperators.XOR, SIGNS);
      bx.blend(by.rearrange(SWAPPED), ODD).intoMemorySegment(memory, at + 2 * VECTOR_BYTES, ORDER);
      bx.rearrange(SWAPPED).blend(by, ODD).intoMemorySegment(memory, at + 3 * VECTOR_BYTES, ORDER);
    }
  }

  /**
   * Makes draws of the words: U = ((word + 1/2) · 2⁻³² · 2 − 1), which is exact in binary64, and of it the distribution's
   * quantile.
   */
  private static void convert(int count, long words, long to) {
    final MemorySegment memory = Memory.EVERYWHERE;
    for (int i = 0; i < count; i += LANES) {
      final long at = words + (long) i * Integer.BYTES;
      final DoubleVector word =
          (DoubleVector) IntVector.fromMemorySegment(WORDS, memory, at, ORDER).convertShape(EXACT, WIDE, 0);
      final DoubleVector draw = quantile(word.add(0.5));
      draw.intoMemorySegment(memory, to + (long) i * Double.BYTES, ORDER);
    }
  }

  /** Of 2³¹·U. */
  private static DoubleVector quantile(DoubleVector scaled) {
    final DoubleVector uniform = scaled.mul(0x1p-31);
    return switch (VARIANT.distribution()) {
      case UNIFORM -> scaled.mul(0x1p-31 * Quantiles.ROOT_3); // a power of two changes no digit
      case GAUSSIAN -> {
        final DoubleVector l = log(spread(uniform));
        yield uniform.mul(gaussianOver(l).div(gaussianUnder(l)));
      }
      case LAPLACE -> withSign(log(ONE.sub(uniform.abs())).mul(Quantiles.ROOT_HALF), uniform);
      case RADEMACHER -> withSign(ONE, uniform);
      case STUDENT_T -> {
        final DoubleVector s = spread(uniform).lanewise(VectorOperators.SQRT);
        yield uniform.mul(studentT(s).div(s.mul(s.add(1.0))).lanewise(VectorOperators.SQRT));
      }
    };
  }

  /** 1 − d². */
  private static DoubleVector spread(DoubleVector uniform) {
    return ONE.sub(uniform).mul(uniform.add(1.0));
  }

  private static DoubleVector withSign(DoubleVector magnitude, DoubleVector sign) {
    return magnitude.abs().reinterpretAsLongs().or(sign.reinterpretAsLongs().and(SIGN)).reinterpretAsDoubles();
  }

  /** ln x. */
  private static DoubleVector log(DoubleVector x) {
    final LongVector bits = x.reinterpretAsLongs();
    final LongVector biased = bits.add(BIAS - ROOT_HALF_BITS).lanewise(VectorOperators.LSHR, FRACTION);
    final DoubleVector m =
        bits.sub(biased.lanewise(VectorOperators.LSHL, FRACTION)).add(BIAS).reinterpretAsDoubles();
    // Not every processor converts longs: the exponent is written into the number that has it as its last digits.
    final DoubleVector e = biased.or(TWO_POW_52_BITS).reinterpretAsDoubles().sub(0x1p52 + Double.MAX_EXPONENT);
    final DoubleVector z = m.sub(1.0).div(m.add(1.0));
    return e.mul(Quantiles.LN_2).add(z.mul(logarithm(z.mul(z))));
  }

  private static DoubleVector logarithm(DoubleVector y) {
    return y.mul(LOGARITHM[4]).add(LOGARITHM[3]).mul(y).add(LOGARITHM[2]).mul(y).add(LOGARITHM[1]).mul(y)
        .add(LOGARITHM[0]);
  }

  private static DoubleVector gaussianOver(DoubleVector l) {
    return l.mul(OVER[6]).add(OVER[5]).mul(l).add(OVER[4]).mul(l).add(OVER[3]).mul(l).add(OVER[2]).mul(l).add(OVER[1])
        .mul(l).add(OVER[0]);
  }

  private static DoubleVector gaussianUnder(DoubleVector l) {
    return l.mul(UNDER[6]).add(UNDER[5]).mul(l).add(UNDER[4]).mul(l).add(UNDER[3]).mul(l).add(UNDER[2]).mul(l)
        .add(UNDER[1]).mul(l).add(UNDER[0]);
  }

  private static DoubleVector studentT(DoubleVector s) {
    return s.mul(STUDENT[8]).add(STUDENT[7]).mul(s).add(STUDENT[6]).mul(s).add(STUDENT[5]).mul(s).add(STUDENT[4]).mul(s)
        .add(STUDENT[3]).mul(s).add(STUDENT[2]).mul(s).add(STUDENT[1]).mul(s).add(STUDENT[0]);
  }
}
