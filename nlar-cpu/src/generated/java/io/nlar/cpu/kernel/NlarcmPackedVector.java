// Made by build-kernels from src/kernels; change the rule or the template there.
package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The rule Nlarcm for what is kept in 16 bits (docs/numerics.md, "Low precision"), on vectors.
 *
 * <p>Of numbers that are not negative, a saturating difference is 0 where the first is not greater, and a minimum with 1
 * makes an increment of it: no masks, which cost most processors three operations to blend by. Two vectors of float32 are worked
 * on at a time: of 16-bit elements, read as words, the even ones are the words shifted
 * up and the odd ones the words' upper halves, so that nothing crosses lanes; elements that are kept in float32 are
 * taken apart likewise. What is rounded is rounded in 16-bit lanes, for which one random word has the bits of two elements.
 * As in the other kernels all of it is in one method.
 */
final class NlarcmPackedVector implements ApplyKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);
  private static final VectorShape SHAPE = VectorShape.forBitSize(VARIANT.vectorBits());
  private static final VectorSpecies<Float> SPECIES = VectorSpecies.of(float.class, SHAPE);
  private static final VectorSpecies<Integer> WORDS = VectorSpecies.of(int.class, SHAPE);
  private static final VectorSpecies<Short> HALVES = VectorSpecies.of(short.class, SHAPE);
  private static final int LANES = SPECIES.length();
  private static final int VECTOR_BYTES = LANES * Float.BYTES;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final VectorShuffle<Float> EVENS = VectorShuffle.fromOp(SPECIES, lane -> 2 * lane % LANES);
  private static final VectorShuffle<Float> ODDS = VectorShuffle.fromOp(SPECIES, lane -> (2 * lane + 1) % LANES);
  private static final VectorShuffle<Float> LOWER = VectorShuffle.fromOp(SPECIES, lane -> lane / 2);
  private static final VectorShuffle<Float> UPPER = VectorShuffle.fromOp(SPECIES, lane -> LANES / 2 + lane / 2);
  private static final VectorMask<Float> UPPER_LANES = VectorMask.fromLong(SPECIES, -1L << LANES / 2);
  private static final VectorMask<Float> ODD_LANES = VectorMask.fromLong(SPECIES, 0xAAAAAAAAL);

  private static final int UPPER_HALF = 0xFFFF0000;
  private static final int LOWER_HALF = 0xFFFF;
  private static final short MAGNITUDE = 0x7FFF;
  private static final short INFINITE = 0x7F80;
  private static final short LARGEST = 0x7F7F;

  /** The share of lane l in the number of its pair of elements, multiplied. */
  private static final IntVector PAIRS = IntVector.broadcast(WORDS, 0).addIndex(1).mul(Rounding.M0);

  private static final Class<? extends MemorySegment> VALUES = VARIANT.values();
  private static final Class<? extends MemorySegment> GRADIENTS = VARIANT.gradients();
  private static final boolean ZERO_GRADIENT = VARIANT.zeroGradient();
  private static final boolean CLIPPED = VARIANT.clipped();
  private static final boolean SOFT = VARIANT.soft();
  private static final boolean NOISE = VARIANT.noise();
  private static final boolean WEIGHT_DECAY = VARIANT.weightDecay();
  private static final String FORM = VARIANT.form();
  private static final boolean BFLOAT_GRADIENT = VARIANT.bfloatGradient();
  private static final boolean REMAINDER = VARIANT.remainder();
  private static final boolean ROUNDED_VALUE = VARIANT.storage().roundsValue();
  private static final boolean ROUNDED_STATE = VARIANT.storage().roundsState();
  private static final boolean ROUNDED = ROUNDED_VALUE || ROUNDED_STATE;
  private static final boolean MOMENTUM = FORM.equals("momentum");
  private static final boolean ESTIMATING = MOMENTUM || NOISE;
  private static final int VELOCITY = 0;
  private static final int RATE = MOMENTUM ? 1 : 0;
  private static final int WEIGHT = RATE + 1;
  private static final int PREVIOUS = WEIGHT + 1;

  NlarcmPackedVector() {}

  @Override
  public int lanes() {
    return 2 * LANES;
  }

  @Override
  public void run(MemorySegment valueMemory, long valueAt, MemorySegment gradientMemory, long gradientAt, long[] slots,
      long place, long epsilonAt, int count, double[] scalars, long roundingKey, int pair) {
    final MemorySegment memory = Memory.EVERYWHERE;
    final MemorySegment values = Memory.as(VALUES, valueMemory);
    final MemorySegment gradients = Memory.as(GRADIENTS, gradientMemory);
    final long rateAt = ApplyKernel.address(slots, RATE, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long weightAt = ApplyKernel.address(slots, WEIGHT, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long velocityAt = ApplyKernel.address(slots, VELOCITY, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long remainderAt = REMAINDER ? slots[slots.length - 1] + place * Short.BYTES : 0;
    final FloatVector number0x10p126 = FloatVector.broadcast(SPECIES, 0x1p-126f);
    final FloatVector one = FloatVector.broadcast(SPECIES, 1);
    final FloatVector zero = FloatVector.broadcast(SPECIES, 0);
    final FloatVector s = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 1]);
    final FloatVector bound = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 3]);
    final FloatVector k = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 2]);
    final FloatVector c = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 0]);
    final FloatVector decay = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 4]);
    final FloatVector kappa = FloatVector.broadcast(SPECIES, (float) scalars[5]);
    final FloatVector sigma = FloatVector.broadcast(SPECIES, (float) scalars[2]);
    final FloatVector floor = FloatVector.broadcast(SPECIES, (float) scalars[3]);
    final FloatVector mu = FloatVector.broadcast(SPECIES, (float) scalars[1]);
    final FloatVector q0 = FloatVector.broadcast(SPECIES, (float) scalars[4]);
    final FloatVector lambda = FloatVector.broadcast(SPECIES, (float) scalars[0]);
    final ShortVector infinite = ShortVector.broadcast(HALVES, INFINITE);
    final ShortVector largest = ShortVector.broadcast(HALVES, LARGEST);
    final ShortVector oneUp = ShortVector.broadcast(HALVES, 1);
    for (int i = 0; i < count; i += 2 * LANES) {
      final long narrow = (long) i * Short.BYTES;
      final long wide = (long) i * Float.BYTES;
      final long next = wide + VECTOR_BYTES;

      FloatVector gradientEven;
      FloatVector gradientOdd;
      if (BFLOAT_GRADIENT) {
        final IntVector w = IntVector.fromMemorySegment(WORDS, gradients, gradientAt + narrow, ORDER);
        gradientEven = w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
        gradientOdd = w.and(UPPER_HALF).reinterpretAsFloats();
      } else {
        final FloatVector a = FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + wide, ORDER);
        final FloatVector b = FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + next, ORDER);
        gradientEven = a.rearrange(EVENS).blend(b.rearrange(EVENS), UPPER_LANES);
        gradientOdd = a.rearrange(ODDS).blend(b.rearrange(ODDS), UPPER_LANES);
      }
      if (ZERO_GRADIENT) {
        IntVector.zero(WORDS).intoMemorySegment(gradients, gradientAt + (BFLOAT_GRADIENT ? narrow : wide), ORDER);
        if (!BFLOAT_GRADIENT) {
          IntVector.zero(WORDS).intoMemorySegment(gradients, gradientAt + next, ORDER);
        }
      }

      FloatVector valueEven;
      FloatVector valueOdd;
      if (REMAINDER) {
        final ShortVector hi = ShortVector.fromMemorySegment(HALVES, values, valueAt + narrow, ORDER);
        final ShortVector lo = ShortVector.fromMemorySegment(HALVES, memory, remainderAt + narrow, ORDER);
        // 1 where the lower half is at least 0x8000: there it was rounded up; but a zero was written from outside.
        final ShortVector up = lo.lanewise(VectorOperators.LSHR, 15);
        final ShortVector rounded = up.lanewise(VectorOperators.UMIN, hi.and(MAGNITUDE));
        final IntVector upper = hi.sub(rounded).reinterpretAsInts();
        final IntVector lower = lo.lanewise(VectorOperators.AND_NOT, rounded.sub(up)).reinterpretAsInts();
        valueEven = upper.lanewise(VectorOperators.LSHL, 16).or(lower.and(LOWER_HALF)).reinterpretAsFloats();
        valueOdd = upper.and(UPPER_HALF).or(lower.lanewise(VectorOperators.LSHR, 16)).reinterpretAsFloats();
      } else if (ROUNDED_VALUE) {
        final IntVector w = IntVector.fromMemorySegment(WORDS, values, valueAt + narrow, ORDER);
        valueEven = w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
        valueOdd = w.and(UPPER_HALF).reinterpretAsFloats();
      } else {
        final FloatVector a = FloatVector.fromMemorySegment(SPECIES, values, valueAt + wide, ORDER);
        final FloatVector b = FloatVector.fromMemorySegment(SPECIES, values, valueAt + next, ORDER);
        valueEven = a.rearrange(EVENS).blend(b.rearrange(EVENS), UPPER_LANES);
        valueOdd = a.rearrange(ODDS).blend(b.rearrange(ODDS), UPPER_LANES);
      }

      FloatVector drawnEven = zero;
      FloatVector drawnOdd = zero;
      if (NOISE) {
        final FloatVector a = FloatVector.fromMemorySegment(SPECIES, memory, epsilonAt + wide, ORDER);
        final FloatVector b = FloatVector.fromMemorySegment(SPECIES, memory, epsilonAt + next, ORDER);
        drawnEven = a.rearrange(EVENS).blend(b.rearrange(EVENS), UPPER_LANES);
        drawnOdd = a.rearrange(ODDS).blend(b.rearrange(ODDS), UPPER_LANES);
      }
      FloatVector velocityEven = zero;
      FloatVector velocityOdd = zero;
      if (ESTIMATING && MOMENTUM) {
        if (ROUNDED_STATE) {
          final IntVector w = IntVector.fromMemorySegment(WORDS, memory, velocityAt + narrow, ORDER);
          velocityEven = w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
          velocityOdd = w.and(UPPER_HALF).reinterpretAsFloats();
        } else {
          final FloatVector a = FloatVector.fromMemorySegment(SPECIES, memory, velocityAt + wide, ORDER);
          final FloatVector b = FloatVector.fromMemorySegment(SPECIES, memory, velocityAt + next, ORDER);
          velocityEven = a.rearrange(EVENS).blend(b.rearrange(EVENS), UPPER_LANES);
          velocityOdd = a.rearrange(ODDS).blend(b.rearrange(ODDS), UPPER_LANES);
        }
      }
      FloatVector weightEven = zero;
      FloatVector weightOdd = zero;
      if (ESTIMATING) {
        if (ROUNDED_STATE) {
          final IntVector w = IntVector.fromMemorySegment(WORDS, memory, weightAt + narrow, ORDER);
          weightEven = w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
          weightOdd = w.and(UPPER_HALF).reinterpretAsFloats();
        } else {
          final FloatVector a = FloatVector.fromMemorySegment(SPECIES, memory, weightAt + wide, ORDER);
          final FloatVector b = FloatVector.fromMemorySegment(SPECIES, memory, weightAt + next, ORDER);
          weightEven = a.rearrange(EVENS).blend(b.rearrange(EVENS), UPPER_LANES);
          weightOdd = a.rearrange(ODDS).blend(b.rearrange(ODDS), UPPER_LANES);
        }
      }
      FloatVector rateEven = zero;
      FloatVector rateOdd = zero;
      if (ESTIMATING) {
        if (ROUNDED_STATE) {
          final IntVector w = IntVector.fromMemorySegment(WORDS, memory, rateAt + narrow, ORDER);
          rateEven = w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
          rateOdd = w.and(UPPER_HALF).reinterpretAsFloats();
        } else {
          final FloatVector a = FloatVector.fromMemorySegment(SPECIES, memory, rateAt + wide, ORDER);
          final FloatVector b = FloatVector.fromMemorySegment(SPECIES, memory, rateAt + next, ORDER);
          rateEven = a.rearrange(EVENS).blend(b.rearrange(EVENS), UPPER_LANES);
          rateOdd = a.rearrange(ODDS).blend(b.rearrange(ODDS), UPPER_LANES);
        }
      }

      {
        FloatVector g = gradientEven;
        if (ZERO_GRADIENT) {
        }
        FloatVector f0;
        if (CLIPPED) {
          FloatVector x = g.mul(s);
          f0 = x.blend(bound, bound.lt(x)).blend(bound.neg(), x.lt(bound.neg())).mul(k);
        } else {
          if (SOFT) {
            FloatVector x = g.mul(s);
            f0 = bound.mul(x.div(bound.add(x.abs()))).mul(k);
          } else {
            f0 = g.mul(c);
          }
        }
        FloatVector theta = valueEven;
        if (WEIGHT_DECAY) {
          theta = theta.sub(theta.mul(decay));
        }
        FloatVector f;
        FloatVector m;
        FloatVector noiseScale;
        FloatVector h0;
        FloatVector wf;
        FloatVector base;
        f = f0;
        m = kappa;
        noiseScale = sigma;
        wf = f0;
        base = zero;
        VectorMask<Float> some = f0.abs().lt(sigma);
        if (some.anyTrue()) {
          f = f.blend(f0.blend(f0.mul(zero), f0.abs().lt(floor)), some);
          FloatVector size = f.abs();
          FloatVector r = one.blend(size.div(sigma), zero.lt(size));
          FloatVector r2 = r.mul(r);
          m = m.blend(r2.mul(kappa), some);
          noiseScale = noiseScale.blend(r.mul(sigma), some);
          wf = wf.blend(f.div(r2), some);
        }
        h0 = m;
        if (ESTIMATING) {
          FloatVector d = rateEven;
          FloatVector a = weightEven;
          FloatVector v = zero;
          if (MOMENTUM) {
            v = velocityEven;
          }
          FloatVector gamma = base.add(d);
          FloatVector gammaF = gamma.mul(f);
          FloatVector u = zero;
          if (MOMENTUM) {
            FloatVector h = v.abs().add(h0);
            FloatVector quotient = mu.mul(m).div(one.add(gamma.abs()).mul(h));
            FloatVector p = zero.blend(quotient, zero.lt(h)).mul(v);
            velocityEven = p.sub(gammaF);
            u = p;
          }
          if (NOISE) {
            FloatVector n = noiseScale.mul(drawnEven);
            u = MOMENTUM ? u.add(n) : n;
          }
          theta = theta.add(u.sub(gammaF));
          a = a.add(wf.mul(f));
          weightEven = a;
          FloatVector q = q0.add(a);
          VectorMask<Float> unchanged;
          if (ROUNDED_STATE) {
            unchanged = f.eq(zero).or(q.lt(number0x10p126));
          } else {
            unchanged = f.eq(zero).or(q.eq(zero));
          }
          FloatVector divisor = q.blend(one, unchanged);
          rateEven = d.sub(wf.mul(u).div(divisor)).blend(d, unchanged);
        } else {
          theta = theta.sub(lambda.mul(f));
        }
        valueEven = theta;
      }
      {
        FloatVector g = gradientOdd;
        if (ZERO_GRADIENT) {
        }
        FloatVector f0;
        if (CLIPPED) {
          FloatVector x = g.mul(s);
          f0 = x.blend(bound, bound.lt(x)).blend(bound.neg(), x.lt(bound.neg())).mul(k);
        } else {
          if (SOFT) {
            FloatVector x = g.mul(s);
            f0 = bound.mul(x.div(bound.add(x.abs()))).mul(k);
          } else {
            f0 = g.mul(c);
          }
        }
        FloatVector theta = valueOdd;
        if (WEIGHT_DECAY) {
          theta = theta.sub(theta.mul(decay));
        }
        FloatVector f;
        FloatVector m;
        FloatVector noiseScale;
        FloatVector h0;
        FloatVector wf;
        FloatVector base;
        f = f0;
        m = kappa;
        noiseScale = sigma;
        wf = f0;
        base = zero;
        VectorMask<Float> some = f0.abs().lt(sigma);
        if (some.anyTrue()) {
          f = f.blend(f0.blend(f0.mul(zero), f0.abs().lt(floor)), some);
          FloatVector size = f.abs();
          FloatVector r = one.blend(size.div(sigma), zero.lt(size));
          FloatVector r2 = r.mul(r);
          m = m.blend(r2.mul(kappa), some);
          noiseScale = noiseScale.blend(r.mul(sigma), some);
          wf = wf.blend(f.div(r2), some);
        }
        h0 = m;
        if (ESTIMATING) {
          FloatVector d = rateOdd;
          FloatVector a = weightOdd;
          FloatVector v = zero;
          if (MOMENTUM) {
            v = velocityOdd;
          }
          FloatVector gamma = base.add(d);
          FloatVector gammaF = gamma.mul(f);
          FloatVector u = zero;
          if (MOMENTUM) {
            FloatVector h = v.abs().add(h0);
            FloatVector quotient = mu.mul(m).div(one.add(gamma.abs()).mul(h));
            FloatVector p = zero.blend(quotient, zero.lt(h)).mul(v);
            velocityOdd = p.sub(gammaF);
            u = p;
          }
          if (NOISE) {
            FloatVector n = noiseScale.mul(drawnOdd);
            u = MOMENTUM ? u.add(n) : n;
          }
          theta = theta.add(u.sub(gammaF));
          a = a.add(wf.mul(f));
          weightOdd = a;
          FloatVector q = q0.add(a);
          VectorMask<Float> unchanged;
          if (ROUNDED_STATE) {
            unchanged = f.eq(zero).or(q.lt(number0x10p126));
          } else {
            unchanged = f.eq(zero).or(q.eq(zero));
          }
          FloatVector divisor = q.blend(one, unchanged);
          rateOdd = d.sub(wf.mul(u).div(divisor)).blend(d, unchanged);
        } else {
          theta = theta.sub(lambda.mul(f));
        }
        valueOdd = theta;
      }

      ShortVector random = null;
      if (ROUNDED) {
        final IntVector x0 = PAIRS.add((pair + (i >> 1)) * Rounding.M0 + (int) roundingKey);
        final IntVector x1 = x0.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, x0).mul(Rounding.M1)
            .lanewise(VectorOperators.XOR, (int) (roundingKey >>> 32));
        final IntVector x2 = x1.lanewise(VectorOperators.LSHR, 15).lanewise(VectorOperators.XOR, x1).mul(Rounding.M2);
        random = x2.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, x2).reinterpretAsShorts();
      }

      if (REMAINDER || ROUNDED_VALUE) {
        final IntVector even = valueEven.reinterpretAsInts();
        final IntVector odd = valueOdd.reinterpretAsInts();
        final ShortVector hi =
            even.lanewise(VectorOperators.LSHR, 16).or(odd.and(UPPER_HALF)).reinterpretAsShorts();
        final ShortVector lo =
            even.and(LOWER_HALF).or(odd.lanewise(VectorOperators.LSHL, 16)).reinterpretAsShorts();
        if (REMAINDER) {
          lo.intoMemorySegment(memory, remainderAt + narrow, ORDER);
          final ShortVector room = infinite.lanewise(VectorOperators.SUSUB, hi.and(MAGNITUDE));
          final ShortVector up = lo.lanewise(VectorOperators.LSHR, 15).lanewise(VectorOperators.UMIN, room);
          hi.add(up).intoMemorySegment(values, valueAt + narrow, ORDER);
        } else {
          final ShortVector room = largest.lanewise(VectorOperators.SUSUB, hi.and(MAGNITUDE));
          final ShortVector up = lo.lanewise(VectorOperators.SUSUB, random.mul(Rounding.VALUE))
              .lanewise(VectorOperators.UMIN, room).lanewise(VectorOperators.UMIN, oneUp);
          hi.add(up).intoMemorySegment(values, valueAt + narrow, ORDER);
        }
      } else {
        valueEven.rearrange(LOWER).blend(valueOdd.rearrange(LOWER), ODD_LANES)
            .intoMemorySegment(values, valueAt + wide, ORDER);
        valueEven.rearrange(UPPER).blend(valueOdd.rearrange(UPPER), ODD_LANES)
            .intoMemorySegment(values, valueAt + next, ORDER);
      }
      if (ESTIMATING && MOMENTUM) {
        if (ROUNDED_STATE) {
          final IntVector even = velocityEven.reinterpretAsInts();
          final IntVector odd = velocityOdd.reinterpretAsInts();
          final ShortVector hi =
              even.lanewise(VectorOperators.LSHR, 16).or(odd.and(UPPER_HALF)).reinterpretAsShorts();
          final ShortVector lo =
              even.and(LOWER_HALF).or(odd.lanewise(VectorOperators.LSHL, 16)).reinterpretAsShorts();
          final ShortVector room = largest.lanewise(VectorOperators.SUSUB, hi.and(MAGNITUDE));
          final ShortVector up = lo.lanewise(VectorOperators.SUSUB, random.mul(Rounding.VELOCITY))
              .lanewise(VectorOperators.UMIN, room).lanewise(VectorOperators.UMIN, oneUp);
          hi.add(up).intoMemorySegment(memory, velocityAt + narrow, ORDER);
        } else {
          velocityEven.rearrange(LOWER).blend(velocityOdd.rearrange(LOWER), ODD_LANES)
              .intoMemorySegment(memory, velocityAt + wide, ORDER);
          velocityEven.rearrange(UPPER).blend(velocityOdd.rearrange(UPPER), ODD_LANES)
              .intoMemorySegment(memory, velocityAt + next, ORDER);
        }
      }
      if (ESTIMATING) {
        if (ROUNDED_STATE) {
          final IntVector even = weightEven.reinterpretAsInts();
          final IntVector odd = weightOdd.reinterpretAsInts();
          final ShortVector hi =
              even.lanewise(VectorOperators.LSHR, 16).or(odd.and(UPPER_HALF)).reinterpretAsShorts();
          final ShortVector lo =
              even.and(LOWER_HALF).or(odd.lanewise(VectorOperators.LSHL, 16)).reinterpretAsShorts();
          final ShortVector room = largest.lanewise(VectorOperators.SUSUB, hi.and(MAGNITUDE));
          final ShortVector up = lo.lanewise(VectorOperators.SUSUB, random.mul(Rounding.WEIGHT))
              .lanewise(VectorOperators.UMIN, room).lanewise(VectorOperators.UMIN, oneUp);
          hi.add(up).intoMemorySegment(memory, weightAt + narrow, ORDER);
        } else {
          weightEven.rearrange(LOWER).blend(weightOdd.rearrange(LOWER), ODD_LANES)
              .intoMemorySegment(memory, weightAt + wide, ORDER);
          weightEven.rearrange(UPPER).blend(weightOdd.rearrange(UPPER), ODD_LANES)
              .intoMemorySegment(memory, weightAt + next, ORDER);
        }
      }
      if (ESTIMATING) {
        if (ROUNDED_STATE) {
          final IntVector even = rateEven.reinterpretAsInts();
          final IntVector odd = rateOdd.reinterpretAsInts();
          final ShortVector hi =
              even.lanewise(VectorOperators.LSHR, 16).or(odd.and(UPPER_HALF)).reinterpretAsShorts();
          final ShortVector lo =
              even.and(LOWER_HALF).or(odd.lanewise(VectorOperators.LSHL, 16)).reinterpretAsShorts();
          final ShortVector room = largest.lanewise(VectorOperators.SUSUB, hi.and(MAGNITUDE));
          final ShortVector up = lo.lanewise(VectorOperators.SUSUB, random)
              .lanewise(VectorOperators.UMIN, room).lanewise(VectorOperators.UMIN, oneUp);
          hi.add(up).intoMemorySegment(memory, rateAt + narrow, ORDER);
        } else {
          rateEven.rearrange(LOWER).blend(rateOdd.rearrange(LOWER), ODD_LANES)
              .intoMemorySegment(memory, rateAt + wide, ORDER);
          rateEven.rearrange(UPPER).blend(rateOdd.rearrange(UPPER), ODD_LANES)
              .intoMemorySegment(memory, rateAt + next, ORDER);
        }
      }
    }
  }
}
