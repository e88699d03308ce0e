// Made by build-kernels from src/kernels; change the rule there.
package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The rule Nlarsf for float64, on vectors: reads gradient, value and state once, and writes them once.
 *
 * <p>All of the formula is in one method, since a vector that is passed to a method which the compiler does not inline
 * becomes an object.
 */
final class NlarsfDoubleVector implements ApplyKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);
  private static final VectorShape SHAPE = VectorShape.forBitSize(VARIANT.vectorBits());
  private static final VectorSpecies<Double> SPECIES = VectorSpecies.of(double.class, SHAPE);
  private static final int LANES = SPECIES.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final Class<? extends MemorySegment> VALUES = VARIANT.values();
  private static final Class<? extends MemorySegment> GRADIENTS = VARIANT.gradients();
  private static final Class<? extends MemorySegment> UPDATE_MEMORY = VARIANT.updateMemory();
  private static final boolean ZERO_GRADIENT = VARIANT.zeroGradient();
  private static final boolean UPDATES = VARIANT.update() != Variant.NO_UPDATE;
  private static final boolean NEGATED = VARIANT.update() == Variant.SUBTRACTED;
  private static final boolean CLIPPED = VARIANT.clipped();
  private static final boolean SOFT = VARIANT.soft();
  private static final boolean NOISE = VARIANT.noise();
  private static final boolean WEIGHT_DECAY = VARIANT.weightDecay();
  private static final String FORM = VARIANT.form();
  private static final boolean ROUNDED_STATE = false;
  private static final int VELOCITY = 0;
  private static final int SQUARE = 1;
  private static final int DIRECTION = 2;
  private static final int BEFORE = 3;

  NlarsfDoubleVector() {}

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public void run(MemorySegment valueMemory, long valueStart, MemorySegment gradientMemory, long gradientStart,
      MemorySegment updateMemory, long updateStart, long[] slots, long place, long epsilonStart, int elements, double[] scalars,
      long roundingKey, int pair) {
    final MemorySegment memory = Memory.EVERYWHERE;
    final MemorySegment values = Memory.as(VALUES, valueMemory);
    final MemorySegment gradients = Memory.as(GRADIENTS, gradientMemory);
    final MemorySegment updates = Memory.as(UPDATE_MEMORY, updateMemory);
    final long valueAt = Memory.start(valueStart);
    final long gradientAt = Memory.start(gradientStart);
    final long updateAt = Memory.start(updateStart);
    final long epsilonAt = Memory.start(epsilonStart);
    final long squareAt = ApplyKernel.address(slots, SQUARE, place * Double.BYTES);
    final long velocityAt = ApplyKernel.address(slots, VELOCITY, place * Double.BYTES);
    final long directionAt = ApplyKernel.address(slots, DIRECTION, place * Double.BYTES);
    final long beforeAt = ApplyKernel.address(slots, BEFORE, place * Double.BYTES);
    final int count = Memory.count(elements);
    final DoubleVector infinity = DoubleVector.broadcast(SPECIES, Double.POSITIVE_INFINITY);
    final DoubleVector number0x00p0 = DoubleVector.broadcast(SPECIES, 0x0.0p0);
    final DoubleVector zero = DoubleVector.broadcast(SPECIES, 0);
    final DoubleVector s = DoubleVector.broadcast(SPECIES, scalars[FRAME + 1]);
    final DoubleVector bound = DoubleVector.broadcast(SPECIES, scalars[FRAME + 3]);
    final DoubleVector k = DoubleVector.broadcast(SPECIES, scalars[FRAME + 2]);
    final DoubleVector c = DoubleVector.broadcast(SPECIES, scalars[FRAME + 0]);
    final DoubleVector decay = DoubleVector.broadcast(SPECIES, scalars[FRAME + 4]);
    final DoubleVector squareDecay = DoubleVector.broadcast(SPECIES, scalars[5]);
    final DoubleVector squareShare = DoubleVector.broadcast(SPECIES, scalars[6]);
    final DoubleVector epsilon = DoubleVector.broadcast(SPECIES, scalars[7]);
    final DoubleVector pull = DoubleVector.broadcast(SPECIES, scalars[0]);
    final DoubleVector stride = DoubleVector.broadcast(SPECIES, scalars[1]);
    final DoubleVector share = DoubleVector.broadcast(SPECIES, scalars[2]);
    final DoubleVector alpha = DoubleVector.broadcast(SPECIES, scalars[3]);
    final DoubleVector rootNegated = DoubleVector.broadcast(SPECIES, -scalars[4]);
    final DoubleVector rootReciprocal = DoubleVector.broadcast(SPECIES, 1 / scalars[4]);
    for (int i = 0; i < count; i += LANES) {
      final long at = (long) i * Double.BYTES;
      DoubleVector g = DoubleVector.fromMemorySegment(SPECIES, gradients, gradientAt + at, ORDER);
      if (ZERO_GRADIENT) {
        zero.intoMemorySegment(gradients, gradientAt + at, ORDER);
      }
      DoubleVector f0;
      if (CLIPPED) {
        DoubleVector x = g.mul(s);
        f0 = x.blend(bound, bound.lt(x)).blend(bound.neg(), x.lt(bound.neg())).mul(k);
      } else {
        if (SOFT) {
          DoubleVector x = g.mul(s);
          f0 = bound.mul(x.div(bound.add(x.abs()))).mul(k);
        } else {
          f0 = g.mul(c);
        }
      }
      DoubleVector theta;
      if (UPDATES) {
        if (WEIGHT_DECAY) {
          theta = DoubleVector.fromMemorySegment(SPECIES, values, valueAt + at, ORDER).mul(decay).neg();
        } else {
          theta = number0x00p0.neg();
        }
      } else {
        theta = DoubleVector.fromMemorySegment(SPECIES, values, valueAt + at, ORDER);
      }
      DoubleVector f = f0;
      DoubleVector q = DoubleVector.fromMemorySegment(SPECIES, memory, squareAt + at, ORDER).mul(squareDecay).add(squareShare.mul(f).mul(f));
      q.intoMemorySegment(memory, squareAt + at, ORDER);
      DoubleVector rootDividend = q.sqrt();
      DoubleVector rootNear = rootDividend.mul(rootReciprocal);
      DoubleVector d = f.div(rootNear.fma(rootNegated, rootDividend).fma(rootReciprocal, rootNear).blend(rootNear, rootNear.eq(infinity)).add(epsilon));
      DoubleVector v = DoubleVector.fromMemorySegment(SPECIES, memory, velocityAt + at, ORDER);
      d.intoMemorySegment(memory, directionAt + at, ORDER);
      v.intoMemorySegment(memory, beforeAt + at, ORDER);
      DoubleVector u = d;
      if (WEIGHT_DECAY) {
        u = d.add(decay.mul(theta));
      }
      theta = theta.add(pull.mul(v)).sub(stride.mul(u));
      share.mul(v.sub(alpha.mul(u))).intoMemorySegment(memory, velocityAt + at, ORDER);
      if (UPDATES) {
        (NEGATED ? theta.neg() : theta).intoMemorySegment(updates, updateAt + at, ORDER);
      } else {
        theta.intoMemorySegment(values, valueAt + at, ORDER);
      }
    }
  }
}
