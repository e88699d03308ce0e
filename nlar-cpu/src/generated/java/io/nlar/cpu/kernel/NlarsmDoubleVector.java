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
 * The rule Nlarsm for float64, on vectors: reads gradient, value and state once, and writes them once.
 *
 * <p>All of the formula is in one method, since a vector that is passed to a method which the compiler does not inline
 * becomes an object.
 */
final class NlarsmDoubleVector implements ApplyKernel {
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
  private static final boolean MOMENTUM = FORM.equals("momentum");
  private static final boolean ESTIMATING = MOMENTUM || NOISE;
  private static final int VELOCITY = 0;
  private static final int RATE = MOMENTUM ? 1 : 0;
  private static final int WEIGHT = RATE + 1;
  private static final int PREVIOUS = WEIGHT + 1;

  NlarsmDoubleVector() {}

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
    final long rateAt = ApplyKernel.address(slots, RATE, place * Double.BYTES);
    final long weightAt = ApplyKernel.address(slots, WEIGHT, place * Double.BYTES);
    final long velocityAt = ApplyKernel.address(slots, VELOCITY, place * Double.BYTES);
    final int count = Memory.count(elements);
    final DoubleVector number0x00p0 = DoubleVector.broadcast(SPECIES, 0x0.0p0);
    final DoubleVector number0x10p126 = DoubleVector.broadcast(SPECIES, 0x1p-126);
    final DoubleVector one = DoubleVector.broadcast(SPECIES, 1);
    final DoubleVector zero = DoubleVector.broadcast(SPECIES, 0);
    final DoubleVector s = DoubleVector.broadcast(SPECIES, scalars[FRAME + 1]);
    final DoubleVector bound = DoubleVector.broadcast(SPECIES, scalars[FRAME + 3]);
    final DoubleVector k = DoubleVector.broadcast(SPECIES, scalars[FRAME + 2]);
    final DoubleVector c = DoubleVector.broadcast(SPECIES, scalars[FRAME + 0]);
    final DoubleVector decay = DoubleVector.broadcast(SPECIES, scalars[FRAME + 4]);
    final DoubleVector floor = DoubleVector.broadcast(SPECIES, scalars[3]);
    final DoubleVector kappa = DoubleVector.broadcast(SPECIES, scalars[5]);
    final DoubleVector sigma = DoubleVector.broadcast(SPECIES, scalars[2]);
    final DoubleVector lambda = DoubleVector.broadcast(SPECIES, scalars[0]);
    final DoubleVector mu = DoubleVector.broadcast(SPECIES, scalars[1]);
    final DoubleVector q0 = DoubleVector.broadcast(SPECIES, scalars[4]);
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
      DoubleVector f;
      DoubleVector m;
      DoubleVector noiseScale;
      DoubleVector h0;
      DoubleVector wf;
      DoubleVector base;
      DoubleVector size = f0.abs();
      DoubleVector clip = floor.blend(floor.neg(), f0.lt(zero));
      f = f0.blend(clip, zero.lt(size).and(floor.lt(size).not()));
      m = kappa;
      noiseScale = sigma;
      h0 = m.add(sigma);
      wf = f;
      base = lambda;
      if (ESTIMATING) {
        DoubleVector d = DoubleVector.fromMemorySegment(SPECIES, memory, rateAt + at, ORDER);
        DoubleVector a = DoubleVector.fromMemorySegment(SPECIES, memory, weightAt + at, ORDER);
        DoubleVector v = zero;
        if (MOMENTUM) {
          v = DoubleVector.fromMemorySegment(SPECIES, memory, velocityAt + at, ORDER);
        }
        DoubleVector gamma = base.add(d);
        DoubleVector gammaF = gamma.mul(f);
        DoubleVector u = zero;
        if (MOMENTUM) {
          DoubleVector h = v.abs().add(h0);
          DoubleVector quotient = mu.mul(m).div(one.add(gamma.abs()).mul(h));
          DoubleVector p = zero.blend(quotient, zero.lt(h)).mul(v);
          p.sub(gammaF).intoMemorySegment(memory, velocityAt + at, ORDER);
          u = p;
        }
        if (NOISE) {
          DoubleVector n = noiseScale.mul(DoubleVector.fromMemorySegment(SPECIES, memory, epsilonAt + at, ORDER));
          u = MOMENTUM ? u.add(n) : n;
        }
        theta = theta.add(u.sub(gammaF));
        a = a.add(wf.mul(f));
        a.intoMemorySegment(memory, weightAt + at, ORDER);
        DoubleVector q = q0.add(a);
        VectorMask<Double> unchanged;
        if (ROUNDED_STATE) {
          unchanged = f.eq(zero).or(q.lt(number0x10p126));
        } else {
          unchanged = f.eq(zero).or(q.eq(zero));
        }
        DoubleVector divisor = q.blend(one, unchanged);
        d.sub(wf.mul(u).div(divisor)).blend(d, unchanged).intoMemorySegment(memory, rateAt + at, ORDER);
      } else {
        theta = theta.sub(lambda.mul(f));
      }
      if (UPDATES) {
        (NEGATED ? theta.neg() : theta).intoMemorySegment(updates, updateAt + at, ORDER);
      } else {
        theta.intoMemorySegment(values, valueAt + at, ORDER);
      }
    }
  }
}
