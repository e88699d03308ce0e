// Made by build-kernels from src/kernels; change the rule there.
package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/** The rule Nlarpm for float32, one element at a time: the bits of NlarpmFloatVector. */
final class NlarpmFloatScalar implements ApplyKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);

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

  NlarpmFloatScalar() {}

  @Override
  public int lanes() {
    return 1;
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
    final long rateAt = ApplyKernel.address(slots, RATE, place * Float.BYTES);
    final long weightAt = ApplyKernel.address(slots, WEIGHT, place * Float.BYTES);
    final long velocityAt = ApplyKernel.address(slots, VELOCITY, place * Float.BYTES);
    final int count = Memory.count(elements);
    final float s = (float) scalars[FRAME + 1];
    final float bound = (float) scalars[FRAME + 3];
    final float k = (float) scalars[FRAME + 2];
    final float c = (float) scalars[FRAME + 0];
    final float decay = (float) scalars[FRAME + 4];
    final float floor = (float) scalars[3];
    final float kappa = (float) scalars[5];
    final float sigma = (float) scalars[2];
    final float mu = (float) scalars[1];
    final float q0 = (float) scalars[4];
    final float lambda = (float) scalars[0];
    for (int i = 0; i < count; i++) {
      final long at = (long) i * Float.BYTES;
      float g = gradients.get(ValueLayout.JAVA_FLOAT_UNALIGNED, gradientAt + at);
      if (ZERO_GRADIENT) {
        gradients.set(ValueLayout.JAVA_FLOAT_UNALIGNED, gradientAt + at, 0);
      }
      float f0;
      if (CLIPPED) {
        float x = g * s;
        f0 = ((x < -bound) ? -bound : ((bound < x) ? bound : x)) * k;
      } else {
        if (SOFT) {
          float x = g * s;
          f0 = (bound * (x / (bound + Math.abs(x)))) * k;
        } else {
          f0 = g * c;
        }
      }
      float theta;
      if (UPDATES) {
        if (WEIGHT_DECAY) {
          theta = -(values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, valueAt + at) * decay);
        } else {
          theta = -0x0.0p0f;
        }
      } else {
        theta = values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, valueAt + at);
        if (WEIGHT_DECAY) {
          theta = theta - (theta * decay);
        }
      }
      float f;
      float m;
      float noiseScale;
      float h0;
      float wf;
      float base;
      f = (Math.abs(f0) < floor) ? (f0 * 0) : f0;
      float size = Math.abs(f);
      float r = (f == 0) ? 1 : ((size < 0x1p60f) ? size : 0x1p60f);
      float r2 = r * r;
      m = r2 * kappa;
      noiseScale = r * sigma;
      wf = f / r2;
      h0 = m;
      base = 0;
      if (ESTIMATING) {
        float d = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, rateAt + at);
        float a = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, weightAt + at);
        float v = 0;
        if (MOMENTUM) {
          v = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, velocityAt + at);
        }
        float gamma = base + d;
        float gammaF = gamma * f;
        float u = 0;
        if (MOMENTUM) {
          float h = Math.abs(v) + h0;
          float quotient = (mu * m) / ((1 + Math.abs(gamma)) * h);
          float p = ((0 < h) ? quotient : 0) * v;
          memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, velocityAt + at, p - gammaF);
          u = p;
        }
        if (NOISE) {
          float n = noiseScale * memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, epsilonAt + at);
          u = MOMENTUM ? (u + n) : n;
        }
        theta = theta + (u - gammaF);
        a = a + (wf * f);
        memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, weightAt + at, a);
        float q = q0 + a;
        boolean unchanged;
        if (ROUNDED_STATE) {
          unchanged = (f == 0) || (q < 0x1p-126f);
        } else {
          unchanged = (f == 0) || (q == 0);
        }
        float divisor = unchanged ? 1 : q;
        memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, rateAt + at, unchanged ? d : (d - ((wf * u) / divisor)));
      } else {
        theta = theta - (lambda * f);
      }
      if (UPDATES) {
        updates.set(ValueLayout.JAVA_FLOAT_UNALIGNED, updateAt + at, NEGATED ? -theta : theta);
      } else {
        values.set(ValueLayout.JAVA_FLOAT_UNALIGNED, valueAt + at, theta);
      }
    }
  }
}
