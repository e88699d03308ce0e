// Made by build-kernels from src/kernels; change the rule or the template there.
package io.nlar.cpu.kernel;

import io.nlar.spi.Remainder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/** The rule AdamW for what is kept in 16 bits, one element at a time: the bits of AdamWPackedVector. */
final class AdamWPackedScalar implements ApplyKernel {
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
  private static final boolean NESTEROV = FORM.equals("nesterov");
  private static final int MEAN = 0;
  private static final int SQUARE = 1;

  AdamWPackedScalar() {}

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
    final long meanAt = ApplyKernel.address(slots, MEAN, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long squareAt = ApplyKernel.address(slots, SQUARE, place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES));
    final long remainderAt = REMAINDER ? ApplyKernel.address(slots, slots.length - 1, place * Short.BYTES) : 0;
    final int count = Memory.count(elements);
    final float s = (float) scalars[FRAME + 1];
    final float bound = (float) scalars[FRAME + 3];
    final float k = (float) scalars[FRAME + 2];
    final float c = (float) scalars[FRAME + 0];
    final float decay = (float) scalars[FRAME + 4];
    final float meanShare = (float) scalars[2];
    final float squareDecay = (float) scalars[3];
    final float squareShare = (float) scalars[4];
    final float eta = (float) scalars[0];
    final float root = (float) scalars[1];
    final float epsilon = (float) scalars[5];
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
      float mean = 0;
      if (true) {
        mean = ROUNDED_STATE
            ? Rounding.fromBfloat(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, meanAt + narrow))
            : memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, meanAt + wide);
      }
      float square = 0;
      if (true) {
        square = ROUNDED_STATE
            ? Rounding.fromBfloat(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, squareAt + narrow))
            : memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, squareAt + wide);
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
      float f = f0;
      float m0 = mean;
      float m = m0 + ((f - m0) * meanShare);
      mean = m;
      float q = (square * squareDecay) + ((squareShare * f) * f);
      square = q;
      float direction = m;
      if (NESTEROV) {
        direction = m + ((f - m) * meanShare);
      }
      theta = theta - (eta * (direction / (((float) Math.sqrt(q) / root) + epsilon)));
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
      if (true) {
        if (ROUNDED_STATE) {
          memory.set(
              ValueLayout.JAVA_SHORT_UNALIGNED, meanAt + narrow, Rounding.stochastic(mean, random * Rounding.MEAN));
        } else {
          memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, meanAt + wide, mean);
        }
      }
      if (true) {
        if (ROUNDED_STATE) {
          memory.set(
              ValueLayout.JAVA_SHORT_UNALIGNED, squareAt + narrow, Rounding.stochastic(square, random * Rounding.SQUARE));
        } else {
          memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, squareAt + wide, square);
        }
      }
    }
  }
}
