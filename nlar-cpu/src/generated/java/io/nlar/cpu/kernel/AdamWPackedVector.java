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
 * The rule AdamW for what is kept in 16 bits (docs/numerics.md, "Low precision"), on vectors.
 *
 * <p>Two vectors of float32 are worked on at a time: of 16-bit elements, read as words, the even ones are the words shifted
 * up and the odd ones the words' upper halves, so that nothing crosses lanes; elements that are kept in float32 are
 * taken apart likewise. What is rounded is rounded in 16-bit lanes, for which one random word has the bits of two elements.
 * Of numbers that are not negative, a saturating difference is 0 where the first is not greater, and a minimum with 1
 * makes an increment of it: no masks, which cost most processors three operations to blend by.
 *
 * <p>Whatever comes of an operation is cast to the class that it has, or in other programs these kernels would be several
 * times slower and allocate. The method is left to the JVM's second compiler ({@link SecondCompiler}).
 */
final class AdamWPackedVector implements ApplyKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);
  private static final VectorShape SHAPE = VectorShape.forBitSize(VARIANT.vectorBits());
  private static final VectorSpecies<Float> SPECIES = VectorSpecies.of(float.class, SHAPE);
  private static final VectorSpecies<Integer> WORDS = VectorSpecies.of(int.class, SHAPE);
  private static final VectorSpecies<Short> HALVES = VectorSpecies.of(short.class, SHAPE);
  @SuppressWarnings("unchecked") // of the species' own mask
  private static final Class<VectorMask<Float>> MASKS = (Class<VectorMask<Float>>) (Class<?>) SPECIES.maskAll(false).getClass();
  private static final Class<? extends FloatVector> FLOATS = FloatVector.zero(SPECIES).getClass();
  private static final Class<? extends IntVector> INTS = IntVector.zero(WORDS).getClass();
  private static final Class<? extends ShortVector> SHORTS = ShortVector.zero(HALVES).getClass();
  private static final int LANES = SPECIES.length();
  private static final int VECTOR_BYTES = LANES * Float.BYTES;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Of lanes 0, n, 2, n + 2, …, which were read from both halves of a run of elements: into order. */
  private static final VectorShuffle<Float> IN_ORDER =
      VectorShuffle.fromOp(SPECIES, lane -> lane < LANES / 2 ? 2 * lane : 2 * lane % LANES + 1);
  private static final VectorShuffle<Float> LOWER = VectorShuffle.fromOp(SPECIES, lane -> lane / 2);
  private static final VectorShuffle<Float> UPPER = VectorShuffle.fromOp(SPECIES, lane -> LANES / 2 + lane / 2);
  private static final VectorMask<Float> ODD_LANES = VectorMask.fromLong(SPECIES, 0xAAAAAAAAL);

  // Vectors, and not numbers: what the Vector API broadcasts itself has no class that the compiler knows.
  private static final IntVector UPPER_HALF = IntVector.broadcast(WORDS, 0xFFFF0000);
  private static final IntVector LOWER_HALF = IntVector.broadcast(WORDS, 0xFFFF);
  private static final IntVector M1 = IntVector.broadcast(WORDS, Rounding.M1);
  private static final IntVector M2 = IntVector.broadcast(WORDS, Rounding.M2);
  private static final ShortVector LEAST = ShortVector.broadcast(HALVES, (short) 0x8000);
  // Doubled, as is what they are compared with: that takes its sign off, and no constant to do it, which would be read again and again.
  private static final ShortVector INFINITE = ShortVector.broadcast(HALVES, (short) (2 * 0x7F80));
  private static final ShortVector LARGEST = ShortVector.broadcast(HALVES, (short) (2 * 0x7F7F));
  private static final ShortVector ONE_UP = ShortVector.broadcast(HALVES, (short) 1);
  private static final ShortVector NO_HALVES = ShortVector.zero(HALVES);

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
  private static final boolean NESTEROV = FORM.equals("nesterov");
  private static final int MEAN = 0;
  private static final int SQUARE = 1;

  static {
    SecondCompiler.ready();
  }

  AdamWPackedVector() {}

  @Override
  public int lanes() {
    return 2 * LANES;
  }

  @Override
  public void run(MemorySegment valueMemory, long valueStart, MemorySegment gradientMemory, long gradientStart, MemorySegment updates, long updateStart, long[] slots, long place, long epsilonStart, int elements, double[] scalars, long roundingKey, int pair) {
    if (elements < 0) {
      SecondCompiler.only();
    }
    final MemorySegment memory = Memory.EVERYWHERE;
    final MemorySegment values = Memory.as(VALUES, valueMemory);
    final MemorySegment gradients = Memory.as(GRADIENTS, gradientMemory);
    final long valueAt = Memory.start(valueStart);
    final long gradientAt = Memory.start(gradientStart);
    final long epsilonAt = Memory.start(epsilonStart);
    final long meanAt = ApplyKernel.address(slots, MEAN, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long squareAt = ApplyKernel.address(slots, SQUARE, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long remainderAt = REMAINDER ? ApplyKernel.address(slots, slots.length - 1, place * Short.BYTES) : 0;
    final int count = Memory.count(elements);
    final FloatVector infinity = FLOATS.cast(FloatVector.broadcast(SPECIES, Float.POSITIVE_INFINITY));
    final FloatVector number0x00p0 = FLOATS.cast(FloatVector.broadcast(SPECIES, 0x0.0p0f));
    final FloatVector zero = FLOATS.cast(FloatVector.broadcast(SPECIES, 0));
    final FloatVector s = FLOATS.cast(FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 1]));
    final FloatVector bound = FLOATS.cast(FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 3]));
    final FloatVector k = FLOATS.cast(FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 2]));
    final FloatVector c = FLOATS.cast(FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 0]));
    final FloatVector decay = FLOATS.cast(FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 4]));
    final FloatVector meanShare = FLOATS.cast(FloatVector.broadcast(SPECIES, (float) scalars[2]));
    final FloatVector squareDecay = FLOATS.cast(FloatVector.broadcast(SPECIES, (float) scalars[3]));
    final FloatVector squareShare = FLOATS.cast(FloatVector.broadcast(SPECIES, (float) scalars[4]));
    final FloatVector eta = FLOATS.cast(FloatVector.broadcast(SPECIES, (float) scalars[0]));
    final FloatVector epsilon = FLOATS.cast(FloatVector.broadcast(SPECIES, (float) scalars[5]));
    final FloatVector rootNegated = FLOATS.cast(FloatVector.broadcast(SPECIES, -(float) scalars[1]));
    final FloatVector rootReciprocal = FLOATS.cast(FloatVector.broadcast(SPECIES, 1 / (float) scalars[1]));
    final IntVector upperKey = INTS.cast(IntVector.broadcast(WORDS, (int) (roundingKey >>> 32)));
    // The first pair's number as Rounding.random multiplies it; carried, for a multiplication less in each round.
    int number = pair * Rounding.M0 + (int) roundingKey;
    for (int i = 0; i < count; i += 2 * LANES) {
      final long narrow = (long) i * Short.BYTES;
      final long wide = (long) i * Float.BYTES;
      final long next = wide + VECTOR_BYTES;

      FloatVector gradientEven;
      FloatVector gradientOdd;
      if (BFLOAT_GRADIENT) {
        // Of arrays of shorts the compiler has no vectors of ints.
        final ShortVector halves = SHORTS.cast(ShortVector.fromMemorySegment(HALVES, gradients, gradientAt + narrow, ORDER));
        final IntVector w = INTS.cast(halves.reinterpretAsInts());
        gradientEven = FLOATS.cast(INTS.cast(w.lanewise(VectorOperators.LSHL, 16)).reinterpretAsFloats());
        gradientOdd = FLOATS.cast(INTS.cast(w.and(UPPER_HALF)).reinterpretAsFloats());
      } else {
        gradientEven = FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + wide, ORDER) .blend(FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + next - Float.BYTES, ORDER), ODD_LANES) .rearrange(IN_ORDER);
        gradientOdd = FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + wide + Float.BYTES, ORDER) .blend(FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + next, ORDER), ODD_LANES) .rearrange(IN_ORDER);
      }
      if (ZERO_GRADIENT) {
        if (BFLOAT_GRADIENT) {
          NO_HALVES.intoMemorySegment(gradients, gradientAt + narrow, ORDER);
        } else {
          zero.intoMemorySegment(gradients, gradientAt + wide, ORDER);
          zero.intoMemorySegment(gradients, gradientAt + next, ORDER);
        }
      }

      FloatVector valueEven;
      FloatVector valueOdd;
      if (REMAINDER) {
        final ShortVector hi = SHORTS.cast(ShortVector.fromMemorySegment(HALVES, values, valueAt + narrow, ORDER));
        final ShortVector lo = SHORTS.cast(ShortVector.fromMemorySegment(HALVES, memory, remainderAt + narrow, ORDER));
        // A lower half of at least 0x8000 was rounded up: what the upper one has too much is its sign. But over it a zero may
        // have been written from outside, which is no more than that.
        final ShortVector least = SHORTS.cast(SHORTS.cast(SHORTS.cast(hi.add(hi)).lanewise(VectorOperators.UMIN, ONE_UP)).mul(LEAST));
        final IntVector upper = INTS.cast(hi.reinterpretAsInts());
        final IntVector lower = INTS.cast(SHORTS.cast(lo.lanewise(VectorOperators.MAX, least)).reinterpretAsInts());
        valueEven = upper.lanewise(VectorOperators.LSHL, 16) .add(lower.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16)).reinterpretAsFloats();
        valueOdd = FLOATS.cast(INTS.cast(INTS.cast(upper.and(UPPER_HALF)).add(INTS.cast(lower.lanewise(VectorOperators.ASHR, 16)))).reinterpretAsFloats());
      } else if (ROUNDED_VALUE) {
        final ShortVector halves = SHORTS.cast(ShortVector.fromMemorySegment(HALVES, values, valueAt + narrow, ORDER));
        final IntVector w = INTS.cast(halves.reinterpretAsInts());
        valueEven = FLOATS.cast(INTS.cast(w.lanewise(VectorOperators.LSHL, 16)).reinterpretAsFloats());
        valueOdd = FLOATS.cast(INTS.cast(w.and(UPPER_HALF)).reinterpretAsFloats());
      } else {
        valueEven = FloatVector.fromMemorySegment(SPECIES, values, valueAt + wide, ORDER) .blend(FloatVector.fromMemorySegment(SPECIES, values, valueAt + next - Float.BYTES, ORDER), ODD_LANES) .rearrange(IN_ORDER);
        valueOdd = FloatVector.fromMemorySegment(SPECIES, values, valueAt + wide + Float.BYTES, ORDER) .blend(FloatVector.fromMemorySegment(SPECIES, values, valueAt + next, ORDER), ODD_LANES) .rearrange(IN_ORDER);
      }

      FloatVector drawnEven = zero;
      FloatVector drawnOdd = zero;
      if (NOISE) {
        drawnEven = FloatVector.fromMemorySegment(SPECIES, memory, epsilonAt + wide, ORDER) .blend(FloatVector.fromMemorySegment(SPECIES, memory, epsilonAt + next - Float.BYTES, ORDER), ODD_LANES) .rearrange(IN_ORDER);
        drawnOdd = FloatVector.fromMemorySegment(SPECIES, memory, epsilonAt + wide + Float.BYTES, ORDER) .blend(FloatVector.fromMemorySegment(SPECIES, memory, epsilonAt + next, ORDER), ODD_LANES) .rearrange(IN_ORDER);
      }
      FloatVector meanEven = zero;
      FloatVector meanOdd = zero;
      if (true) {
        if (ROUNDED_STATE) {
          final IntVector w = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, meanAt + narrow, ORDER));
          meanEven = FLOATS.cast(INTS.cast(w.lanewise(VectorOperators.LSHL, 16)).reinterpretAsFloats());
          meanOdd = FLOATS.cast(INTS.cast(w.and(UPPER_HALF)).reinterpretAsFloats());
        } else {
          meanEven = FloatVector.fromMemorySegment(SPECIES, memory, meanAt + wide, ORDER) .blend(FloatVector.fromMemorySegment(SPECIES, memory, meanAt + next - Float.BYTES, ORDER), ODD_LANES) .rearrange(IN_ORDER);
          meanOdd = FloatVector.fromMemorySegment(SPECIES, memory, meanAt + wide + Float.BYTES, ORDER) .blend(FloatVector.fromMemorySegment(SPECIES, memory, meanAt + next, ORDER), ODD_LANES) .rearrange(IN_ORDER);
        }
      }
      FloatVector squareEven = zero;
      FloatVector squareOdd = zero;
      if (true) {
        if (ROUNDED_STATE) {
          final IntVector w = INTS.cast(IntVector.fromMemorySegment(WORDS, memory, squareAt + narrow, ORDER));
          squareEven = FLOATS.cast(INTS.cast(w.lanewise(VectorOperators.LSHL, 16)).reinterpretAsFloats());
          squareOdd = FLOATS.cast(INTS.cast(w.and(UPPER_HALF)).reinterpretAsFloats());
        } else {
          squareEven = FloatVector.fromMemorySegment(SPECIES, memory, squareAt + wide, ORDER) .blend(FloatVector.fromMemorySegment(SPECIES, memory, squareAt + next - Float.BYTES, ORDER), ODD_LANES) .rearrange(IN_ORDER);
          squareOdd = FloatVector.fromMemorySegment(SPECIES, memory, squareAt + wide + Float.BYTES, ORDER) .blend(FloatVector.fromMemorySegment(SPECIES, memory, squareAt + next, ORDER), ODD_LANES) .rearrange(IN_ORDER);
        }
      }

      {
        FloatVector g = gradientEven;
        FloatVector f0;
        if (CLIPPED) {
          FloatVector x = FLOATS.cast(g.mul(s));
          f0 = FLOATS.cast(FLOATS.cast(FLOATS.cast(x.blend(bound, MASKS.cast(bound.lt(x)))).blend(FLOATS.cast(bound.neg()), MASKS.cast(x.lt(FLOATS.cast(bound.neg()))))).mul(k));
        } else {
          if (SOFT) {
            FloatVector x = FLOATS.cast(g.mul(s));
            f0 = FLOATS.cast(FLOATS.cast(bound.mul(FLOATS.cast(x.div(FLOATS.cast(bound.add(FLOATS.cast(x.abs()))))))).mul(k));
          } else {
            f0 = FLOATS.cast(g.mul(c));
          }
        }
        FloatVector theta;
        if (UPDATES) {
          if (WEIGHT_DECAY) {
            theta = FLOATS.cast(FLOATS.cast(valueEven.mul(decay)).neg());
          } else {
            theta = FLOATS.cast(number0x00p0.neg());
          }
        } else {
          theta = valueEven;
          if (WEIGHT_DECAY) {
            theta = FLOATS.cast(theta.sub(FLOATS.cast(theta.mul(decay))));
          }
        }
        FloatVector f = f0;
        FloatVector m0 = meanEven;
        FloatVector m = FLOATS.cast(m0.add(FLOATS.cast(FLOATS.cast(f.sub(m0)).mul(meanShare))));
        meanEven = m;
        FloatVector q = FLOATS.cast(FLOATS.cast(squareEven.mul(squareDecay)).add(FLOATS.cast(FLOATS.cast(squareShare.mul(f)).mul(f))));
        squareEven = q;
        FloatVector direction = m;
        if (NESTEROV) {
          direction = FLOATS.cast(m.add(FLOATS.cast(FLOATS.cast(f.sub(m)).mul(meanShare))));
        }
        FloatVector rootDividend = FLOATS.cast(q.sqrt());
        FloatVector rootNear = FLOATS.cast(rootDividend.mul(rootReciprocal));
        theta = FLOATS.cast(theta.sub(FLOATS.cast(eta.mul(FLOATS.cast(direction.div(FLOATS.cast(FLOATS.cast(FLOATS.cast(FLOATS.cast(rootNear.fma(rootNegated, rootDividend)).fma(rootReciprocal, rootNear)).blend(rootNear, MASKS.cast(rootNear.eq(infinity)))).add(epsilon))))))));
        if (UPDATES) {
        } else {
          valueEven = theta;
        }
      }
      {
        FloatVector g = gradientOdd;
        FloatVector f0;
        if (CLIPPED) {
          FloatVector x = FLOATS.cast(g.mul(s));
          f0 = FLOATS.cast(FLOATS.cast(FLOATS.cast(x.blend(bound, MASKS.cast(bound.lt(x)))).blend(FLOATS.cast(bound.neg()), MASKS.cast(x.lt(FLOATS.cast(bound.neg()))))).mul(k));
        } else {
          if (SOFT) {
            FloatVector x = FLOATS.cast(g.mul(s));
            f0 = FLOATS.cast(FLOATS.cast(bound.mul(FLOATS.cast(x.div(FLOATS.cast(bound.add(FLOATS.cast(x.abs()))))))).mul(k));
          } else {
            f0 = FLOATS.cast(g.mul(c));
          }
        }
        FloatVector theta;
        if (UPDATES) {
          if (WEIGHT_DECAY) {
            theta = FLOATS.cast(FLOATS.cast(valueOdd.mul(decay)).neg());
          } else {
            theta = FLOATS.cast(number0x00p0.neg());
          }
        } else {
          theta = valueOdd;
          if (WEIGHT_DECAY) {
            theta = FLOATS.cast(theta.sub(FLOATS.cast(theta.mul(decay))));
          }
        }
        FloatVector f = f0;
        FloatVector m0 = meanOdd;
        FloatVector m = FLOATS.cast(m0.add(FLOATS.cast(FLOATS.cast(f.sub(m0)).mul(meanShare))));
        meanOdd = m;
        FloatVector q = FLOATS.cast(FLOATS.cast(squareOdd.mul(squareDecay)).add(FLOATS.cast(FLOATS.cast(squareShare.mul(f)).mul(f))));
        squareOdd = q;
        FloatVector direction = m;
        if (NESTEROV) {
          direction = FLOATS.cast(m.add(FLOATS.cast(FLOATS.cast(f.sub(m)).mul(meanShare))));
        }
        FloatVector rootDividend = FLOATS.cast(q.sqrt());
        FloatVector rootNear = FLOATS.cast(rootDividend.mul(rootReciprocal));
        theta = FLOATS.cast(theta.sub(FLOATS.cast(eta.mul(FLOATS.cast(direction.div(FLOATS.cast(FLOATS.cast(FLOATS.cast(FLOATS.cast(rootNear.fma(rootNegated, rootDividend)).fma(rootReciprocal, rootNear)).blend(rootNear, MASKS.cast(rootNear.eq(infinity)))).add(epsilon))))))));
        if (UPDATES) {
        } else {
          valueOdd = theta;
        }
      }

      ShortVector random = null;
      if (ROUNDED) {
        final IntVector x0 = INTS.cast(PAIRS.add(INTS.cast(IntVector.broadcast(WORDS, number))));
        final IntVector x1 = x0.lanewise(VectorOperators.LSHR, 16).lanewise(VectorOperators.XOR, x0).mul(M1) .lanewise(VectorOperators.XOR, upperKey);
        final IntVector x2 = INTS.cast(INTS.cast(INTS.cast(x1.lanewise(VectorOperators.LSHR, 15)).lanewise(VectorOperators.XOR, x1)).mul(M2));
        random = SHORTS.cast(INTS.cast(INTS.cast(x2.lanewise(VectorOperators.LSHR, 16)).lanewise(VectorOperators.XOR, x2)).reinterpretAsShorts());
      }

      if (REMAINDER || ROUNDED_VALUE) {
        final IntVector even = INTS.cast(valueEven.reinterpretAsInts());
        final IntVector odd = INTS.cast(valueOdd.reinterpretAsInts());
        final ShortVector hi = SHORTS.cast(INTS.cast(INTS.cast(even.lanewise(VectorOperators.LSHR, 16)).or(INTS.cast(odd.and(UPPER_HALF)))).reinterpretAsShorts());
        final ShortVector lo = SHORTS.cast(INTS.cast(INTS.cast(even.and(LOWER_HALF)).or(INTS.cast(odd.lanewise(VectorOperators.LSHL, 16)))).reinterpretAsShorts());
        if (REMAINDER) {
          lo.intoMemorySegment(memory, remainderAt + narrow, ORDER);
          final ShortVector room = SHORTS.cast(INFINITE.lanewise(VectorOperators.SUSUB, SHORTS.cast(hi.add(hi))));
          final ShortVector up = SHORTS.cast(SHORTS.cast(lo.lanewise(VectorOperators.LSHR, 15)).lanewise(VectorOperators.UMIN, room));
          SHORTS.cast(hi.add(up)).intoMemorySegment(values, valueAt + narrow, ORDER);
        } else {
          final ShortVector room = SHORTS.cast(LARGEST.lanewise(VectorOperators.SUSUB, SHORTS.cast(hi.add(hi))));
          final ShortVector up = lo.lanewise(VectorOperators.SUSUB, random.mul(ShortVector.broadcast(HALVES, Rounding.VALUE))) .lanewise(VectorOperators.UMIN, room).lanewise(VectorOperators.UMIN, ONE_UP);
          SHORTS.cast(hi.add(up)).intoMemorySegment(values, valueAt + narrow, ORDER);
        }
      } else {
        FLOATS.cast(FLOATS.cast(valueEven.rearrange(LOWER)).blend(FLOATS.cast(valueOdd.rearrange(LOWER)), ODD_LANES)).intoMemorySegment(values, valueAt + wide, ORDER);
        FLOATS.cast(FLOATS.cast(valueEven.rearrange(UPPER)).blend(FLOATS.cast(valueOdd.rearrange(UPPER)), ODD_LANES)).intoMemorySegment(values, valueAt + next, ORDER);
      }
      if (true) {
        if (ROUNDED_STATE) {
          final IntVector even = INTS.cast(meanEven.reinterpretAsInts());
          final IntVector odd = INTS.cast(meanOdd.reinterpretAsInts());
          final ShortVector hi = SHORTS.cast(INTS.cast(INTS.cast(even.lanewise(VectorOperators.LSHR, 16)).or(INTS.cast(odd.and(UPPER_HALF)))).reinterpretAsShorts());
          final ShortVector lo = SHORTS.cast(INTS.cast(INTS.cast(even.and(LOWER_HALF)).or(INTS.cast(odd.lanewise(VectorOperators.LSHL, 16)))).reinterpretAsShorts());
          final ShortVector room = SHORTS.cast(LARGEST.lanewise(VectorOperators.SUSUB, SHORTS.cast(hi.add(hi))));
          final ShortVector up = lo.lanewise(VectorOperators.SUSUB, random.mul(ShortVector.broadcast(HALVES, Rounding.MEAN))) .lanewise(VectorOperators.UMIN, room).lanewise(VectorOperators.UMIN, ONE_UP);
          SHORTS.cast(hi.add(up)).intoMemorySegment(memory, meanAt + narrow, ORDER);
        } else {
          FLOATS.cast(FLOATS.cast(meanEven.rearrange(LOWER)).blend(FLOATS.cast(meanOdd.rearrange(LOWER)), ODD_LANES)).intoMemorySegment(memory, meanAt + wide, ORDER);
          FLOATS.cast(FLOATS.cast(meanEven.rearrange(UPPER)).blend(FLOATS.cast(meanOdd.rearrange(UPPER)), ODD_LANES)).intoMemorySegment(memory, meanAt + next, ORDER);
        }
      }
      if (true) {
        if (ROUNDED_STATE) {
          final IntVector even = INTS.cast(squareEven.reinterpretAsInts());
          final IntVector odd = INTS.cast(squareOdd.reinterpretAsInts());
          final ShortVector hi = SHORTS.cast(INTS.cast(INTS.cast(even.lanewise(VectorOperators.LSHR, 16)).or(INTS.cast(odd.and(UPPER_HALF)))).reinterpretAsShorts());
          final ShortVector lo = SHORTS.cast(INTS.cast(INTS.cast(even.and(LOWER_HALF)).or(INTS.cast(odd.lanewise(VectorOperators.LSHL, 16)))).reinterpretAsShorts());
          final ShortVector room = SHORTS.cast(LARGEST.lanewise(VectorOperators.SUSUB, SHORTS.cast(hi.add(hi))));
          final ShortVector up = lo.lanewise(VectorOperators.SUSUB, random.mul(ShortVector.broadcast(HALVES, Rounding.SQUARE))) .lanewise(VectorOperators.UMIN, room).lanewise(VectorOperators.UMIN, ONE_UP);
          SHORTS.cast(hi.add(up)).intoMemorySegment(memory, squareAt + narrow, ORDER);
        } else {
          FLOATS.cast(FLOATS.cast(squareEven.rearrange(LOWER)).blend(FLOATS.cast(squareOdd.rearrange(LOWER)), ODD_LANES)).intoMemorySegment(memory, squareAt + wide, ORDER);
          FLOATS.cast(FLOATS.cast(squareEven.rearrange(UPPER)).blend(FLOATS.cast(squareOdd.rearrange(UPPER)), ODD_LANES)).intoMemorySegment(memory, squareAt + next, ORDER);
        }
      }
      number += LANES * Rounding.M0;
    }
  }
}
