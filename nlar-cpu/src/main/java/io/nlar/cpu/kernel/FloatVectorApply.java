package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The update of docs/numerics.md, "One step", on vectors: reads g, θ, v, D, A once and writes θ, v, D, A once. The
 * source of all four apply kernels.
 *
 * <p>Every operation is one IEEE operation on each lane, in the order written there; nothing here may be contracted or
 * reordered. All of the formula is in one method, since a vector that is passed to a method which the compiler does not
 * inline becomes an object.
 */
final class FloatVectorApply implements ApplyKernel {
  private static final ApplyVariant VARIANT = Kernels.variant(MethodHandles.lookup(), ApplyVariant.class);
  private static final VectorSpecies<Float> SPECIES = FloatVectorSpecies.ofBits(VARIANT.vectorBits());
  private static final int LANES = SPECIES.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final Class<? extends MemorySegment> VALUES = VARIANT.values();
  private static final Class<? extends MemorySegment> GRADIENTS = VARIANT.gradients();
  private static final boolean ZERO_GRADIENT = VARIANT.zeroGradient();
  private static final boolean CLIPPED = VARIANT.scaling() == ApplyVariant.Bounding.VALUE;
  private static final boolean SOFT = VARIANT.scaling() == ApplyVariant.Bounding.SOFT;
  private static final boolean NLARSM = VARIANT.estimator() == ApplyVariant.Kind.NLARSM;
  private static final boolean NLARCM = VARIANT.estimator() == ApplyVariant.Kind.NLARCM;
  private static final boolean MOMENTUM = VARIANT.momentum();
  private static final boolean NOISE = VARIANT.noise();
  private static final boolean ESTIMATING = MOMENTUM || NOISE;
  private static final boolean WEIGHT_DECAY = VARIANT.weightDecay();

  FloatVectorApply() {}

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public void run(ApplySpan span, ApplyScalars scalars) {
    final MemorySegment memory = Memory.EVERYWHERE;
    final MemorySegment values = Memory.as(VALUES, span.values);
    final MemorySegment gradients = Memory.as(GRADIENTS, span.gradients);
    final long valueAt = span.value;
    final long gradientAt = span.gradient;
    final long velocityAt = span.velocity;
    final long rateAt = span.rate;
    final long weightAt = span.weight;
    final long noiseAt = span.noise;
    final int count = span.count;

    final FloatVector zero = FloatVector.broadcast(SPECIES, 0);
    final FloatVector one = FloatVector.broadcast(SPECIES, 1);
    final FloatVector largestRatio = FloatVector.broadcast(SPECIES, 0x1p60f);
    final FloatVector c = FloatVector.broadcast(SPECIES, (float) scalars.coefficient);
    final FloatVector s = FloatVector.broadcast(SPECIES, (float) scalars.gradientScale);
    final FloatVector k = FloatVector.broadcast(SPECIES, (float) scalars.rateFactor);
    final FloatVector bound = FloatVector.broadcast(SPECIES, (float) scalars.bound);
    final FloatVector minusBound = FloatVector.broadcast(SPECIES, -(float) scalars.bound);
    final FloatVector lower = FloatVector.broadcast(SPECIES, (float) scalars.lowerClip);
    final FloatVector minusLower = FloatVector.broadcast(SPECIES, -(float) scalars.lowerClip);
    final FloatVector flushBelow = FloatVector.broadcast(SPECIES, (float) scalars.flushBelow);
    final FloatVector lambda = FloatVector.broadcast(SPECIES, (float) scalars.learningRate);
    final FloatVector base = FloatVector.broadcast(SPECIES, (float) scalars.rateBase);
    final FloatVector q0 = FloatVector.broadcast(SPECIES, (float) scalars.initialWeight);
    final FloatVector sigma = FloatVector.broadcast(SPECIES, (float) scalars.noiseScale);
    final FloatVector mu = FloatVector.broadcast(SPECIES, (float) scalars.momentum);
    final FloatVector kappa = FloatVector.broadcast(SPECIES, (float) scalars.decay);
    final FloatVector decay = FloatVector.broadcast(SPECIES, (float) scalars.weightDecay);
    // Nlarsm's m is κ everywhere.
    final FloatVector muKappa = mu.mul(kappa);
    final FloatVector kappaSigma = kappa.add(sigma);

    for (int i = 0; i < count; i += LANES) {
      final long at = (long) i * Float.BYTES;

      // Scaling: f0.
      final FloatVector g = FloatVector.fromMemorySegment(SPECIES, gradients, gradientAt + at, ORDER);
      if (ZERO_GRADIENT) {
        zero.intoMemorySegment(gradients, gradientAt + at, ORDER);
      }
      final FloatVector f0;
      if (CLIPPED) {
        final FloatVector x = g.mul(s);
        f0 = x.blend(bound, bound.lt(x)).blend(minusBound, x.lt(minusBound)).mul(k);
      } else if (SOFT) {
        final FloatVector x = g.mul(s);
        f0 = bound.mul(x.div(bound.add(x.abs()))).mul(k);
      } else {
        f0 = g.mul(c);
      }

      // The estimator's own part: f, and r² where the noise scale follows the gradient.
      final FloatVector f;
      FloatVector r = one;
      // Where no |f| is below σ, all r are 1, and two of the four divisions have nothing to do.
      boolean allOne = NLARSM;
      if (NLARSM) {
        final FloatVector clip = lower.blend(minusLower, f0.lt(zero));
        final FloatVector size = f0.abs();
        f = f0.blend(clip, zero.lt(size).andNot(lower.lt(size)));
      } else {
        // f0·0 is 0 with f0's sign.
        f = f0.blend(f0.mul(zero), f0.abs().lt(flushBelow));
        final FloatVector size = f.abs();
        if (NLARCM) {
          final VectorMask<Float> small = size.lt(sigma).and(zero.lt(size));
          allOne = !small.anyTrue();
          if (!allOne) {
            r = one.blend(size.div(sigma), small);
          }
        } else {
          r = largestRatio.blend(size, size.lt(largestRatio)).blend(one, f.eq(zero));
        }
      }

      FloatVector theta = FloatVector.fromMemorySegment(SPECIES, values, valueAt + at, ORDER);
      if (WEIGHT_DECAY) {
        theta = theta.sub(theta.mul(decay));
      }
      if (!ESTIMATING) {
        theta.sub(lambda.mul(f)).intoMemorySegment(values, valueAt + at, ORDER);
        continue;
      }

      // Momentum and noise: p, and all of the change that is not the gradient's, u.
      final FloatVector r2 = r.mul(r);
      final FloatVector d = FloatVector.fromMemorySegment(SPECIES, memory, rateAt + at, ORDER);
      final FloatVector gamma = base.add(d);
      final FloatVector gammaF = gamma.mul(f);
      FloatVector u = zero;
      if (MOMENTUM) {
        final FloatVector v = FloatVector.fromMemorySegment(SPECIES, memory, velocityAt + at, ORDER);
        final FloatVector muM = NLARSM ? muKappa : mu.mul(r2.mul(kappa));
        final FloatVector h = v.abs().add(NLARSM ? kappaSigma : r2.mul(kappa));
        final FloatVector quotient = muM.div(one.add(gamma.abs()).mul(h));
        final FloatVector p = zero.blend(quotient, zero.lt(h)).mul(v);
        p.sub(gammaF).intoMemorySegment(memory, velocityAt + at, ORDER);
        u = p;
      }
      if (NOISE) {
        final FloatVector epsilon = FloatVector.fromMemorySegment(SPECIES, memory, noiseAt + at, ORDER);
        final FloatVector n = (NLARSM ? sigma : r.mul(sigma)).mul(epsilon);
        u = MOMENTUM ? u.add(n) : n;
      }
      theta.add(u.sub(gammaF)).intoMemorySegment(values, valueAt + at, ORDER);

      // What this change tells of γ.
      final FloatVector wf = allOne ? f : f.div(r2);
      final FloatVector a = FloatVector.fromMemorySegment(SPECIES, memory, weightAt + at, ORDER).add(wf.mul(f));
      a.intoMemorySegment(memory, weightAt + at, ORDER);
      final FloatVector q = q0.add(a);
      final VectorMask<Float> unchanged = f.eq(zero).or(q.eq(zero));
      // Where nothing changes, q is often subnormal, and dividing by that slow; 1 is as good there.
      final FloatVector divisor = q.blend(one, unchanged);
      d.sub(wf.mul(u).div(divisor)).blend(d, unchanged).intoMemorySegment(memory, rateAt + at, ORDER);
    }
  }
}
