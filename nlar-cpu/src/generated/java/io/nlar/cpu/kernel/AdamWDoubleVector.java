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
 * The rule AdamW for float64, on vectors: reads gradient, value and state once, and writes them once.
 *
 * <p>All of the formula is in one method, since a vector that is passed to a method which the compiler does not inline
 * becomes an object.
 */
final class AdamWDoubleVector implements ApplyKernel {
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
  private static final boolean NESTEROV = FORM.equals("nesterov");
  private static final int MEAN = 0;
  private static final int SQUARE = 1;

  AdamWDoubleVector() {}

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
    final long meanAt = ApplyKernel.address(slots, MEAN, place * Double.BYTES);
    final long squareAt = ApplyKernel.address(slots, SQUARE, place * Double.BYTES);
    final int count = Memory.count(elements);
    final DoubleVector infinity = DoubleVector.broadcast(SPECIES, Double.POSITIVE_INFINITY);
    final DoubleVector number0x00p0 = DoubleVector.broadcast(SPECIES, 0x0.0p0);
    final DoubleVector zero = DoubleVector.broadcast(SPECIES, 0);
    final DoubleVector s = DoubleVector.broadcast(SPECIES, scalars[FRAME + 1]);
    final DoubleVector bound = DoubleVector.broadcast(SPECIES, scalars[FRAME + 3]);
    final DoubleVector k = DoubleVector.broadcast(SPECIES, scalars[FRAME + 2]);
    final DoubleVector c = DoubleVector.broadcast(SPECIES, scalars[FRAME + 0]);
    final DoubleVector decay = DoubleVector.broadcast(SPECIES, scalars[FRAME + 4]);
    final DoubleVector meanShare = DoubleVector.broadcast(SPECIES, scalars[2]);
    final DoubleVector squareDecay = DoubleVector.broadcast(SPECIES, scalars[3]);
    final DoubleVector squareShare = DoubleVector.broadcast(SPECIES, scalars[4]);
    final DoubleVector eta = DoubleVector.broadcast(SPECIES, scalars[0]);
    final DoubleVector epsilon = DoubleVector.broadcast(SPECIES, scalars[5]);
    final DoubleVector rootNegated = DoubleVector.broadcast(SPECIES, -scalars[1]);
    final DoubleVector rootReciprocal = DoubleVector.broadcast(SPECIES, 1 / scalars[1]);
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
        if (WEIGHT_DECAY) {
          theta = theta.sub(theta.mul(decay));
        }
      }
      DoubleVector f = f0;
      DoubleVector m0 = DoubleVector.fromMemorySegment(SPECIES, memory, meanAt + at, ORDER);
      DoubleVector m = m0.add(f.sub(m0).mul(meanShare));
      m.intoMemorySegment(memory, meanAt + at, ORDER);
      DoubleVector q = DoubleVector.fromMemorySegment(SPECIES, memory, squareAt + at, ORDER).mul(squareDecay).add(squareShare.mul(f).mul(f));
      q.intoMemorySegment(memory, squareAt + at, ORDER);
      DoubleVector direction = m;
      if (NESTEROV) {
        direction = m.add(f.sub(m).mul(meanShare));
      }
      DoubleVector rootDividend = q.sqrt();
      DoubleVector rootNear = rootDividend.mul(rootReciprocal);
      theta = theta.sub(eta.mul(direction.div(rootNear.fma(rootNegated, rootDividend).fma(rootReciprocal, rootNear).blend(rootNear, rootNear.eq(infinity)).add(epsilon))));
      if (UPDATES) {
        (NEGATED ? theta.neg() : theta).intoMemorySegment(updates, updateAt + at, ORDER);
      } else {
        theta.intoMemorySegment(values, valueAt + at, ORDER);
      }
    }
  }
}
