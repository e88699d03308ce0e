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
 * The rule Nlarpm for what is kept in 16 bits (docs/numerics.md, "Low precision"), on vectors.
 *
 * <p>A block of elements is updated in float32 and left in working memory, and then rounded: two methods, as the JVM's
 * first compiler gives up on one so large, and what it gives up on may never reach the second one.
 *
 * <p>Two vectors of float32 are worked on at a time: of 16-bit elements, read as words, the even ones are the words shifted
 * up and the odd ones the words' upper halves, so that nothing crosses lanes; elements that are kept in float32 are
 * taken apart likewise. What is rounded is rounded in 16-bit lanes, for which one random word has the bits of two elements.
 * Of numbers that are not negative, a saturating difference is 0 where the first is not greater, and a minimum with 1
 * makes an increment of it: no masks, which cost most processors three operations to blend by.
 *
 * <p>What is read or reinterpreted is cast to the class that it has. Else the compiler goes by the classes that it has seen in
 * the Vector API's own methods, and where the program works on vectors of one other shape, these kernels become several
 * times slower and allocate.
 */
final class NlarpmPackedVector implements ApplyKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);
  private static final VectorShape SHAPE = VectorShape.forBitSize(VARIANT.vectorBits());
  private static final VectorSpecies<Float> SPECIES = VectorSpecies.of(float.class, SHAPE);
  private static final VectorSpecies<Integer> WORDS = VectorSpecies.of(int.class, SHAPE);
  private static final VectorSpecies<Short> HALVES = VectorSpecies.of(short.class, SHAPE);
  private static final Class<? extends FloatVector> FLOATS = FloatVector.zero(SPECIES).getClass();
  private static final Class<? extends IntVector> INTS = IntVector.zero(WORDS).getClass();
  private static final Class<? extends ShortVector> SHORTS = ShortVector.zero(HALVES).getClass();
  private static final int LANES = SPECIES.length();
  private static final int VECTOR_BYTES = LANES * Float.BYTES;
  /** In the working memory, of what becomes of a block's values, or of one of its slots. */
  private static final int BLOCK_BYTES = BLOCK * Float.BYTES;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Of lanes 0, n, 2, n + 2, …, which were read from both halves of a run of elements: into order. */
  private static final VectorShuffle<Float> IN_ORDER =
      VectorShuffle.fromOp(SPECIES, lane -> lane < LANES / 2 ? 2 * lane : 2 * lane % LANES + 1);
  private static final VectorShuffle<Float> LOWER = VectorShuffle.fromOp(SPECIES, lane -> lane / 2);
  private static final VectorShuffle<Float> UPPER = VectorShuffle.fromOp(SPECIES, lane -> LANES / 2 + lane / 2);
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
  /** Of narrow numbers no updates are written. */
  private static final boolean UPDATES = false;
  private static final boolean NEGATED = false;
  private static final boolean CLIPPED = VARIANT.clipped();
  private static final boolean SOFT = VARIANT.soft();
  private static final boolean NOISE = VARIANT.noise();
  private static final boolean WEIGHT_DECAY = VARIANT.weightDecay();
  private static final String FORM = VARIANT.form();
  private static final boolean BFLOAT_GRADIENT = VARIANT.bfloatGradient();
  private static final boolean REMAINDER = VARIANT.remainder();
  private static final boolean ROUNDED_VALUE = VARIANT.storage().roundsValue();
  private static final boolean ROUNDED_STATE = VARIANT.storage().roundsState();
  private static final int VALUE_BYTES = VARIANT.storage().value().bytes();
  private static final int GRADIENT_BYTES = VARIANT.storage().gradient().bytes();
  private static final boolean ROUNDED = ROUNDED_VALUE || ROUNDED_STATE;
  private static final boolean MOMENTUM = FORM.equals("momentum");
  private static final boolean ESTIMATING = MOMENTUM || NOISE;
  private static final int VELOCITY = 0;
  private static final int RATE = MOMENTUM ? 1 : 0;
  private static final int WEIGHT = RATE + 1;
  private static final int PREVIOUS = WEIGHT + 1;

  NlarpmPackedVector() {}

  @Override
  public int lanes() {
    return 2 * LANES;
  }

  @Override
  public void run(MemorySegment values, long valueAt, MemorySegment gradients, long gradientAt,
      MemorySegment updates, long updateAt, long[] slots, long place, long epsilonAt, int count, double[] scalars,
      long roundingKey, int pair, long scratch) {
    for (int first = 0; first < count; first += BLOCK) {
      final int present = Math.min(BLOCK, count - first);
      final long valuesAt = valueAt + (long) first * VALUE_BYTES;
      step(values, valuesAt, gradients, gradientAt + (long) first * GRADIENT_BYTES, slots, place + first,
          epsilonAt + (long) first * Float.BYTES, present, scalars, scratch);
      keep(values, valuesAt, slots, place + first, present, roundingKey, pair + (first >>> 1), scratch);
    }
  }

  /** Leaves what becomes of the elements in float32 at {@code scratch}: even ones and odd ones in turn, vector by vector. */
  private static void step(MemorySegment valueMemory, long valueAt, MemorySegment gradientMemory, long gradientAt,
      long[] slots, long place, long epsilonAt, int count, double[] scalars, long scratch) {
    final MemorySegment memory = Memory.EVERYWHERE;
    final MemorySegment values = Memory.as(VALUES, valueMemory);
    final MemorySegment gradients = Memory.as(GRADIENTS, gradientMemory);
    final long rateAt = ApplyKernel.address(slots, RATE, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long weightAt = ApplyKernel.address(slots, WEIGHT, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long velocityAt = ApplyKernel.address(slots, VELOCITY, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long remainderAt = REMAINDER ? slots[slots.length - 1] + place * Short.BYTES : 0;
    final FloatVector number0x00p0 = FloatVector.broadcast(SPECIES, 0x0.0p0f);
    final FloatVector number0x10p126 = FloatVector.broadcast(SPECIES, 0x1p-126f);
    final FloatVector number0x10p60 = FloatVector.broadcast(SPECIES, 0x1p60f);
    final FloatVector one = FloatVector.broadcast(SPECIES, 1);
    final FloatVector zero = FloatVector.broadcast(SPECIES, 0);
    final FloatVector s = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 1]);
    final FloatVector bound = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 3]);
    final FloatVector k = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 2]);
    final FloatVector c = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 0]);
    final FloatVector decay = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 4]);
    final FloatVector floor = FloatVector.broadcast(SPECIES, (float) scalars[3]);
    final FloatVector kappa = FloatVector.broadcast(SPECIES, (float) scalars[5]);
    final FloatVector sigma = FloatVector.broadcast(SPECIES, (float) scalars[2]);
    final FloatVector mu = FloatVector.broadcast(SPECIES, (float) scalars[1]);
    final FloatVector q0 = FloatVector.broadcast(SPECIES, (float) scalars[4]);
    final FloatVector lambda = FloatVector.broadcast(SPECIES, (float) scalars[0]);
    for (int i = 0; i < count; i += 2 * LANES) {
      final long narrow = (long) i * Short.BYTES;
      final long wide = (long) i * Float.BYTES;
      final long next = wide + VECTOR_BYTES;

      FloatVector gradientEven;
      FloatVector gradientOdd;
      if (BFLOAT_GRADIENT) {
        final IntVector w = INTS.cast(IntVector.fromMemorySegment(WORDS, gradients, gradientAt + narrow, ORDER));
        gradientEven = FLOATS.cast(w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats());
        gradientOdd = FLOATS.cast(w.and(UPPER_HALF).reinterpretAsFloats());
      } else {
        gradientEven = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + wide, ORDER))
            .blend(FLOATS.cast(
                FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + next - Float.BYTES, ORDER)), ODD_LANES)
            .rearrange(IN_ORDER);
        gradientOdd = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + wide + Float.BYTES, ORDER))
            .blend(FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + next, ORDER)), ODD_LANES)
            .rearrange(IN_ORDER);
      }
      if (ZERO_GRADIENT) {
        zero.intoMemorySegment(gradients, gradientAt + (BFLOAT_GRADIENT ? narrow : wide), ORDER);
        if (!BFLOAT_GRADIENT) {
          zero.intoMemorySegment(gradients, gradientAt + next, ORDER);
        }
      }

      FloatVector valueEven;
      FloatVector valueOdd;
      if (REMAINDER) {
        final ShortVector hi = SHORTS.cast(ShortVector.fromMemorySegment(HALVES, values, valueAt + narrow, ORDER));
        final ShortVector lo = SHORTS.cast(ShortVector.fromMemorySegment(HALVES, memory, remainderAt + narrow, ORDER));
        // 1 where the lower half is at least 0x8000: there it was rounded up; but a zero was written from outside.
        final ShortVector up = lo.lanewise(VectorOperators.LSHR, 15);
        final ShortVector rounded = up.lanewise(VectorOperators.UMIN, hi.and(MAGNITUDE));
        final IntVector upper = INTS.cast(hi.sub(rounded).reinterpretAsInts());
        final IntVector lower = INTS.cast(lo.lanewise(VectorOperators.AND_NOT, rounded.sub(up)).reinterpretAsInts());
        valueEven = FLOATS.cast(upper.lanewise(VectorOperators.LSHL, 16).or(lower.and(LOWER_HALF)).reinterpretAsFloats());
        valueOdd = FLOATS.cast(upper.and(UPPER_HALF).or(lower.lanewise(VectorOperators.LSHR, 16)).reinterpretAsFloats());
      } else if (ROUNDED_VALUE) {
        final IntVector w = INTS.cast(IntVector.fromMemorySegment(WORDS, values, valueAt + narrow, ORDER));
        valueEven = FLOATS.cast(w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats());
        valueOdd = FLOATS.cast(w.and(UPPER_HALF).reinterpretAsFloats());
      } else {
        valueEven = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, values, valueAt + wide, ORDER))
            .blend(FLOATS.cast(
                FloatVector.fromMemorySegment(SPECIES, values, valueAt + next - Float.BYTES, ORDER)), ODD_LANES)
            .rearrange(IN_ORDER);
        valueOdd = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, values, valueAt + wide + Float.BYTES, ORDER))
            .blend(FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, values, valueAt + next, ORDER)), ODD_LANES)
            .rearrange(IN_ORDER);
      }

      FloatVector drawnEven = zero;
      FloatVector drawnOdd = zero;
      if (NOISE) {
        drawnEven = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, epsilonAt + wide, ORDER))
            .blend(FLOATS.cast(
                FloatVector.fromMemorySegment(SPECIES, memory, epsilonAt + next - Float.BYTES, ORDER)), ODD_LANES)
            .rearrange(IN_ORDER);
        drawnOdd = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, epsilonAt + wide + Float.BYTES, ORDER))
            .blend(FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, epsilonAt + next, ORDER)), ODD_LANES)
            .rearrange(IN_ORDER);
      }
      FloatVector velocityEven = zero;
      FloatVector velocityOdd = zero;
      if (ESTIMATING && MOMENTUM) {
        if (ROUNDED_STATE) {
          final IntVector w = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, velocityAt + narrow, ORDER));
          velocityEven = FLOATS.cast(w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats());
          velocityOdd = FLOATS.cast(w.and(UPPER_HALF).reinterpretAsFloats());
        } else {
          velocityEven = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, velocityAt + wide, ORDER))
              .blend(FLOATS.cast(
                  FloatVector.fromMemorySegment(SPECIES, memory, velocityAt + next - Float.BYTES, ORDER)), ODD_LANES)
              .rearrange(IN_ORDER);
          velocityOdd = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, velocityAt + wide + Float.BYTES, ORDER))
              .blend(FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, velocityAt + next, ORDER)), ODD_LANES)
              .rearrange(IN_ORDER);
        }
      }
      FloatVector weightEven = zero;
      FloatVector weightOdd = zero;
      if (ESTIMATING) {
        if (ROUNDED_STATE) {
          final IntVector w = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, weightAt + narrow, ORDER));
          weightEven = FLOATS.cast(w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats());
          weightOdd = FLOATS.cast(w.and(UPPER_HALF).reinterpretAsFloats());
        } else {
          weightEven = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, weightAt + wide, ORDER))
              .blend(FLOATS.cast(
                  FloatVector.fromMemorySegment(SPECIES, memory, weightAt + next - Float.BYTES, ORDER)), ODD_LANES)
              .rearrange(IN_ORDER);
          weightOdd = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, weightAt + wide + Float.BYTES, ORDER))
              .blend(FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, weightAt + next, ORDER)), ODD_LANES)
              .rearrange(IN_ORDER);
        }
      }
      FloatVector rateEven = zero;
      FloatVector rateOdd = zero;
      if (ESTIMATING) {
        if (ROUNDED_STATE) {
          final IntVector w = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, rateAt + narrow, ORDER));
          rateEven = FLOATS.cast(w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats());
          rateOdd = FLOATS.cast(w.and(UPPER_HALF).reinterpretAsFloats());
        } else {
          rateEven = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, rateAt + wide, ORDER))
              .blend(FLOATS.cast(
                  FloatVector.fromMemorySegment(SPECIES, memory, rateAt + next - Float.BYTES, ORDER)), ODD_LANES)
              .rearrange(IN_ORDER);
          rateOdd = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, rateAt + wide + Float.BYTES, ORDER))
              .blend(FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, rateAt + next, ORDER)), ODD_LANES)
              .rearrange(IN_ORDER);
        }
      }

      {
        FloatVector g = gradientEven;
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
        FloatVector theta;
        if (UPDATES) {
          if (WEIGHT_DECAY) {
            theta = valueEven.mul(decay).neg();
          } else {
            theta = number0x00p0.neg();
          }
        } else {
          theta = valueEven;
          if (WEIGHT_DECAY) {
            theta = theta.sub(theta.mul(decay));
          }
        }
        FloatVector f;
        FloatVector m;
        FloatVector noiseScale;
        FloatVector h0;
        FloatVector wf;
        FloatVector base;
        f = f0.blend(f0.mul(zero), f0.abs().lt(floor));
        FloatVector size = f.abs();
        FloatVector r = number0x10p60.blend(size, size.lt(number0x10p60)).blend(one, f.eq(zero));
        FloatVector r2 = r.mul(r);
        m = r2.mul(kappa);
        noiseScale = r.mul(sigma);
        wf = f.div(r2);
        h0 = m;
        base = zero;
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
        if (UPDATES) {
        } else {
          valueEven = theta;
        }
      }
      {
        FloatVector g = gradientOdd;
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
        FloatVector theta;
        if (UPDATES) {
          if (WEIGHT_DECAY) {
            theta = valueOdd.mul(decay).neg();
          } else {
            theta = number0x00p0.neg();
          }
        } else {
          theta = valueOdd;
          if (WEIGHT_DECAY) {
            theta = theta.sub(theta.mul(decay));
          }
        }
        FloatVector f;
        FloatVector m;
        FloatVector noiseScale;
        FloatVector h0;
        FloatVector wf;
        FloatVector base;
        f = f0.blend(f0.mul(zero), f0.abs().lt(floor));
        FloatVector size = f.abs();
        FloatVector r = number0x10p60.blend(size, size.lt(number0x10p60)).blend(one, f.eq(zero));
        FloatVector r2 = r.mul(r);
        m = r2.mul(kappa);
        noiseScale = r.mul(sigma);
        wf = f.div(r2);
        h0 = m;
        base = zero;
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
        if (UPDATES) {
        } else {
          valueOdd = theta;
        }
      }

      valueEven.intoMemorySegment(memory, scratch + wide, ORDER);
      valueOdd.intoMemorySegment(memory, scratch + next, ORDER);
      if (ESTIMATING && MOMENTUM) {
        velocityEven.intoMemorySegment(memory, scratch + (1 + VELOCITY) * BLOCK_BYTES + wide, ORDER);
        velocityOdd.intoMemorySegment(memory, scratch + (1 + VELOCITY) * BLOCK_BYTES + next, ORDER);
      }
      if (ESTIMATING) {
        weightEven.intoMemorySegment(memory, scratch + (1 + WEIGHT) * BLOCK_BYTES + wide, ORDER);
        weightOdd.intoMemorySegment(memory, scratch + (1 + WEIGHT) * BLOCK_BYTES + next, ORDER);
      }
      if (ESTIMATING) {
        rateEven.intoMemorySegment(memory, scratch + (1 + RATE) * BLOCK_BYTES + wide, ORDER);
        rateOdd.intoMemorySegment(memory, scratch + (1 + RATE) * BLOCK_BYTES + next, ORDER);
      }
    }
  }

  /** Rounds what is at {@code scratch} to what is kept of it. */
  private static void keep(MemorySegment valueMemory, long valueAt, long[] slots, long place, int count,
      long roundingKey, int pair, long scratch) {
    final MemorySegment memory = Memory.EVERYWHERE;
    final MemorySegment values = Memory.as(VALUES, valueMemory);
    final long rateAt = ApplyKernel.address(slots, RATE, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long weightAt = ApplyKernel.address(slots, WEIGHT, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long velocityAt = ApplyKernel.address(slots, VELOCITY, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long remainderAt = REMAINDER ? slots[slots.length - 1] + place * Short.BYTES : 0;
    final ShortVector infinite = ShortVector.broadcast(HALVES, INFINITE);
    final ShortVector largest = ShortVector.broadcast(HALVES, LARGEST);
    final ShortVector oneUp = ShortVector.broadcast(HALVES, 1);
    for (int i = 0; i < count; i += 2 * LANES) {
      final long narrow = (long) i * Short.BYTES;
      final long wide = (long) i * Float.BYTES;
      final long next = wide + VECTOR_BYTES;
      ShortVector random = null;
      if (ROUNDED) {
        final IntVector x0 = PAIRS.add((pair + (i >> 1)) * Rounding.M0 + (int) roundingKey);
        final IntVector x1 = x0.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, x0).mul(Rounding.M1)
            .lanewise(VectorOperators.XOR, (int) (roundingKey >>> 32));
        final IntVector x2 = x1.lanewise(VectorOperators.LSHR, 15).lanewise(VectorOperators.XOR, x1).mul(Rounding.M2);
        random = SHORTS.cast(x2.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, x2).reinterpretAsShorts());
      }

      if (REMAINDER || ROUNDED_VALUE) {
        final IntVector even = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, scratch + wide, ORDER));
        final IntVector odd = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, scratch + next, ORDER));
        final ShortVector hi =
            SHORTS.cast(even.lanewise(VectorOperators.LSHR, 16).or(odd.and(UPPER_HALF)).reinterpretAsShorts());
        final ShortVector lo =
            SHORTS.cast(even.and(LOWER_HALF).or(odd.lanewise(VectorOperators.LSHL, 16)).reinterpretAsShorts());
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
        final FloatVector even = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, scratch + wide, ORDER));
        final FloatVector odd = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, scratch + next, ORDER));
        even.rearrange(LOWER).blend(odd.rearrange(LOWER), ODD_LANES).intoMemorySegment(values, valueAt + wide, ORDER);
        even.rearrange(UPPER).blend(odd.rearrange(UPPER), ODD_LANES).intoMemorySegment(values, valueAt + next, ORDER);
      }
      if (ESTIMATING && MOMENTUM) {
        final long from = scratch + (1 + VELOCITY) * BLOCK_BYTES + wide;
        if (ROUNDED_STATE) {
          final IntVector even = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, from, ORDER));
          final IntVector odd = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, from + VECTOR_BYTES, ORDER));
          final ShortVector hi =
              SHORTS.cast(even.lanewise(VectorOperators.LSHR, 16).or(odd.and(UPPER_HALF)).reinterpretAsShorts());
          final ShortVector lo =
              SHORTS.cast(even.and(LOWER_HALF).or(odd.lanewise(VectorOperators.LSHL, 16)).reinterpretAsShorts());
          final ShortVector room = largest.lanewise(VectorOperators.SUSUB, hi.and(MAGNITUDE));
          final ShortVector up = lo.lanewise(VectorOperators.SUSUB, random.mul(Rounding.VELOCITY))
              .lanewise(VectorOperators.UMIN, room).lanewise(VectorOperators.UMIN, oneUp);
          hi.add(up).intoMemorySegment(memory, velocityAt + narrow, ORDER);
        } else {
          final FloatVector even = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, from, ORDER));
          final FloatVector odd = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, from + VECTOR_BYTES, ORDER));
          even.rearrange(LOWER).blend(odd.rearrange(LOWER), ODD_LANES)
              .intoMemorySegment(memory, velocityAt + wide, ORDER);
          even.rearrange(UPPER).blend(odd.rearrange(UPPER), ODD_LANES)
              .intoMemorySegment(memory, velocityAt + next, ORDER);
        }
      }
      if (ESTIMATING) {
        final long from = scratch + (1 + WEIGHT) * BLOCK_BYTES + wide;
        if (ROUNDED_STATE) {
          final IntVector even = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, from, ORDER));
          final IntVector odd = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, from + VECTOR_BYTES, ORDER));
          final ShortVector hi =
              SHORTS.cast(even.lanewise(VectorOperators.LSHR, 16).or(odd.and(UPPER_HALF)).reinterpretAsShorts());
          final ShortVector lo =
              SHORTS.cast(even.and(LOWER_HALF).or(odd.lanewise(VectorOperators.LSHL, 16)).reinterpretAsShorts());
          final ShortVector room = largest.lanewise(VectorOperators.SUSUB, hi.and(MAGNITUDE));
          final ShortVector up = lo.lanewise(VectorOperators.SUSUB, random.mul(Rounding.WEIGHT))
              .lanewise(VectorOperators.UMIN, room).lanewise(VectorOperators.UMIN, oneUp);
          hi.add(up).intoMemorySegment(memory, weightAt + narrow, ORDER);
        } else {
          final FloatVector even = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, from, ORDER));
          final FloatVector odd = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, from + VECTOR_BYTES, ORDER));
          even.rearrange(LOWER).blend(odd.rearrange(LOWER), ODD_LANES)
              .intoMemorySegment(memory, weightAt + wide, ORDER);
          even.rearrange(UPPER).blend(odd.rearrange(UPPER), ODD_LANES)
              .intoMemorySegment(memory, weightAt + next, ORDER);
        }
      }
      if (ESTIMATING) {
        final long from = scratch + (1 + RATE) * BLOCK_BYTES + wide;
        if (ROUNDED_STATE) {
          final IntVector even = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, from, ORDER));
          final IntVector odd = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, from + VECTOR_BYTES, ORDER));
          final ShortVector hi =
              SHORTS.cast(even.lanewise(VectorOperators.LSHR, 16).or(odd.and(UPPER_HALF)).reinterpretAsShorts());
          final ShortVector lo =
              SHORTS.cast(even.and(LOWER_HALF).or(odd.lanewise(VectorOperators.LSHL, 16)).reinterpretAsShorts());
          final ShortVector room = largest.lanewise(VectorOperators.SUSUB, hi.and(MAGNITUDE));
          final ShortVector up = lo.lanewise(VectorOperators.SUSUB, random)
              .lanewise(VectorOperators.UMIN, room).lanewise(VectorOperators.UMIN, oneUp);
          hi.add(up).intoMemorySegment(memory, rateAt + narrow, ORDER);
        } else {
          final FloatVector even = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, from, ORDER));
          final FloatVector odd = FLOATS.cast(FloatVector.fromMemorySegment(SPECIES, memory, from + VECTOR_BYTES, ORDER));
          even.rearrange(LOWER).blend(odd.rearrange(LOWER), ODD_LANES)
              .intoMemorySegment(memory, rateAt + wide, ORDER);
          even.rearrange(UPPER).blend(odd.rearrange(UPPER), ODD_LANES)
              .intoMemorySegment(memory, rateAt + next, ORDER);
        }
      }
    }
  }
}
