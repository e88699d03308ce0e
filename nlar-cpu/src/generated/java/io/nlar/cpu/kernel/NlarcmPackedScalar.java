// Made by build-kernels from src/kernels; change the rule or the template there.
package io.nlar.cpu.kernel;

import io.nlar.spi.Remainder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/** The rule Nlarcm for what is kept in 16 bits, one element at a time: the bits of NlarcmPackedVector. */
final class NlarcmPackedScalar implements ApplyKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);

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
  private static final boolean ROUNDED = ROUNDED_VALUE || ROUNDED_STATE;
  private static final boolean MOMENTUM = FORM.equals("momentum");
  private static final boolean ESTIMATING = MOMENTUM || NOISE;
  private static final int VELOCITY = 0;
  private static final int RATE = MOMENTUM ? 1 : 0;
  private static final int WEIGHT = RATE + 1;
  private static final int PREVIOUS = WEIGHT + 1;

  NlarcmPackedScalar() {}

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
    final long valueAt = Memory.start(valueStart);
    final long gradientAt = Memory.start(gradientStart);
    final long epsilonAt = Memory.start(epsilonStart);
    final long rateAt = ApplyKernel.address(slots, RATE, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long weightAt = ApplyKernel.address(slots, WEIGHT, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long velocityAt = ApplyKernel.address(slots, VELOCITY, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long remainderAt = REMAINDER ? ApplyKernel.address(slots, slots.length - 1, place * Short.BYTES) : 0;
    final int count = Memory.count(elements);
    final float s = (float) scalars[FRAME + 1];
    final float bound = (float) scalars[FRAME + 3];
    final float k = (float) scalars[FRAME + 2];
    final float c = (float) scalars[FRAME + 0];
    final float decay = (float) scalars[FRAME + 4];
    final float kappa = (float) scalars[5];
    final float sigma = (float) scalars[2];
    final float floor = (float) scalars[3];
    final float mu = (float) scalars[1];
    final float q0 = (float) scalars[4];
    final float lambda = (float) scalars[0];
    for (int i = 0; i < count; i++) {
      final long narrow = (long) i * Short.BYTES;
      final long wide = (long) i * Float.BYTES;
      float gradient = BFLOAT_GRADIENT
          ? Rounding.fromBfloat(gradients.get(ValueLayout.JAVA_SHORT_UNALIGNED, gradientAt + narrow))
          : gradients.get(ValueLayout.JAVA_FLOAT_UNALIGNED, gradientAt + wide);
      if (ZERO_GRADIENT) {
        if (BFLOAT_GRADIENT) {
          gradients.set(ValueLayout.JAVA_SHORT_UNALIGNED, gradientAt + narrow, (short) 0);
        } else {
          gradients.set(ValueLayout.JAVA_FLOAT_UNALIGNED, gradientAt + wide, 0);
        }
      }
      float value = REMAINDER
          ? Remainder.join(values.get(ValueLayout.JAVA_SHORT_UNALIGNED, valueAt + narrow),
              memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, remainderAt + narrow))
          : ROUNDED_VALUE
              ? Rounding.fromBfloat(values.get(ValueLayout.JAVA_SHORT_UNALIGNED, valueAt + narrow))
              : values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, valueAt + wide);
      final float drawn = NOISE ? memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, epsilonAt + wide) : 0;
      float velocity = 0;
      if (ESTIMATING && MOMENTUM) {
        velocity = ROUNDED_STATE
            ? Rounding.fromBfloat(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, velocityAt + narrow))
            : memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, velocityAt + wide);
      }
      float weight = 0;
      if (ESTIMATING) {
        weight = ROUNDED_STATE
            ? Rounding.fromBfloat(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, weightAt + narrow))
            : memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, weightAt + wide);
      }
      float rate = 0;
      if (ESTIMATING) {
        rate = ROUNDED_STATE
            ? Rounding.fromBfloat(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, rateAt + narrow))
            : memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, rateAt + wide);
      }
      float g = gradient;
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
          theta = -(value * decay);
        } else {
          theta = -0x0.0p0f;
        }
      } else {
        theta = value;
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
      f = f0;
      m = kappa;
      noiseScale = sigma;
      wf = f0;
      base = 0;
      boolean some = Math.abs(f0) < sigma;
      if (some) {
        f = (Math.abs(f0) < floor) ? (f0 * 0) : f0;
        float size = Math.abs(f);
        float r = (0 < size) ? (size / sigma) : 1;
        float r2 = r * r;
        m = r2 * kappa;
        noiseScale = r * sigma;
        wf = f / r2;
      }
      h0 = m;
      if (ESTIMATING) {
        float d = rate;
        float a = weight;
        float v = 0;
        if (MOMENTUM) {
          v = velocity;
        }
        float gamma = base + d;
        float gammaF = gamma * f;
        float u = 0;
        if (MOMENTUM) {
          float h = Math.abs(v) + h0;
          float quotient = (mu * m) / ((1 + Math.abs(gamma)) * h);
          float p = ((0 < h) ? quotient : 0) * v;
          velocity = p - gammaF;
          u = p;
        }
        if (NOISE) {
          float n = noiseScale * drawn;
          u = MOMENTUM ? (u + n) : n;
        }
        theta = theta + (u - gammaF);
        a = a + (wf * f);
        weight = a;
        float q = q0 + a;
        boolean unchanged;
        if (ROUNDED_STATE) {
          unchanged = (f == 0) || (q < 0x1p-126f);
        } else {
          unchanged = (f == 0) || (q == 0);
        }
        float divisor = unchanged ? 1 : q;
        rate = unchanged ? d : (d - ((wf * u) / divisor));
      } else {
        theta = theta - (lambda * f);
      }
      if (UPDATES) {
      } else {
        value = theta;
      }
      final int random = ROUNDED ? Rounding.random(roundingKey, pair + (i >> 1), i & 1) : 0;
      if (REMAINDER) {
        values.set(ValueLayout.JAVA_SHORT_UNALIGNED, valueAt + narrow, Remainder.upper(value));
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, remainderAt + narrow, (short) Float.floatToRawIntBits(value));
      } else if (ROUNDED_VALUE) {
        values.set(ValueLayout.JAVA_SHORT_UNALIGNED, valueAt + narrow, Rounding.stochastic(value, random * Rounding.VALUE));
      } else {
        values.set(ValueLayout.JAVA_FLOAT_UNALIGNED, valueAt + wide, value);
      }
      if (ESTIMATING && MOMENTUM) {
        if (ROUNDED_STATE) {
          memory.set(
              ValueLayout.JAVA_SHORT_UNALIGNED, velocityAt + narrow, Rounding.stochastic(velocity, random * Rounding.VELOCITY));
        } else {
          memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, velocityAt + wide, velocity);
        }
      }
      if (ESTIMATING) {
        if (ROUNDED_STATE) {
          memory.set(
              ValueLayout.JAVA_SHORT_UNALIGNED, weightAt + narrow, Rounding.stochastic(weight, random * Rounding.WEIGHT));
        } else {
          memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, weightAt + wide, weight);
        }
      }
      if (ESTIMATING) {
        if (ROUNDED_STATE) {
          memory.set(
              ValueLayout.JAVA_SHORT_UNALIGNED, rateAt + narrow, Rounding.stochastic(rate, random));
        } else {
          memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, rateAt + wide, rate);
        }
      }
    }
  }
}
