// Made by build-kernels from src/kernels; change the rule there.
package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The rule ScheduleFree for float32, on vectors: reads gradient, value and state once, and writes them once.
 *
 * <p>All of the formula is in one method, since a vector that is passed to a method which the compiler does not inline
 * becomes an object.
 */
final class ScheduleFreeFloatVector implements ApplyKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);
  private static final VectorShape SHAPE = VectorShape.forBitSize(VARIANT.vectorBits());
  private static final VectorSpecies<Float> SPECIES = VectorSpecies.of(float.class, SHAPE);
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

  ScheduleFreeFloatVector() {}

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
    final long squareAt = ApplyKernel.address(slots, SQUARE, place * Float.BYTES);
    final long velocityAt = ApplyKernel.address(slots, VELOCITY, place * Float.BYTES);
    final int count = Memory.count(elements);
    final FloatVector infinity = FloatVector.broadcast(SPECIES, Float.POSITIVE_INFINITY);
    final FloatVector number0x00p0 = FloatVector.broadcast(SPECIES, 0x0.0p0f);
    final FloatVector zero = FloatVector.broadcast(SPECIES, 0);
    final FloatVector s = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 1]);
    final FloatVector bound = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 3]);
    final FloatVector k = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 2]);
    final FloatVector c = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 0]);
    final FloatVector decay = FloatVector.broadcast(SPECIES, (float) scalars[FRAME + 4]);
    final FloatVector squareDecay = FloatVector.broadcast(SPECIES, (float) scalars[5]);
    final FloatVector squareShare = FloatVector.broadcast(SPECIES, (float) scalars[6]);
    final FloatVector epsilon = FloatVector.broadcast(SPECIES, (float) scalars[7]);
    final FloatVector pull = FloatVector.broadcast(SPECIES, (float) scalars[0]);
    final FloatVector stride = FloatVector.broadcast(SPECIES, (float) scalars[1]);
    final FloatVector share = FloatVector.broadcast(SPECIES, (float) scalars[2]);
    final FloatVector alpha = FloatVector.broadcast(SPECIES, (float) scalars[3]);
    final FloatVector rootNegated = FloatVector.broadcast(SPECIES, -(float) scalars[4]);
    final FloatVector rootReciprocal = FloatVector.broadcast(SPECIES, 1 / (float) scalars[4]);
    for (int i = 0; i < count; i += LANES) {
      final long at = (long) i * Float.BYTES;
      FloatVector g = FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + at, ORDER);
      if (ZERO_GRADIENT) {
        zero.intoMemorySegment(gradients, gradientAt + at, ORDER);
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
      FloatVector theta;
      if (UPDATES) {
        if (WEIGHT_DECAY) {
          theta = FloatVector.fromMemorySegment(SPECIES, values, valueAt + at, ORDER).mul(decay).neg();
        } else {
          theta = number0x00p0.neg();
        }
      } else {
        theta = FloatVector.fromMemorySegment(SPECIES, values, valueAt + at, ORDER);
      }
      FloatVector f = f0;
      FloatVector q = FloatVector.fromMemorySegment(SPECIES, memory, squareAt + at, ORDER).mul(squareDecay).add(squareShare.mul(f).mul(f));
      q.intoMemorySegment(memory, squareAt + at, ORDER);
      FloatVector rootDividend = q.sqrt();
      FloatVector rootNear = rootDividend.mul(rootReciprocal);
      FloatVector d = f.div(rootNear.fma(rootNegated, rootDividend).fma(rootReciprocal, rootNear).blend(rootNear, rootNear.eq(infinity)).add(epsilon));
      FloatVector v = FloatVector.fromMemorySegment(SPECIES, memory, velocityAt + at, ORDER);
      FloatVector u = d;
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
