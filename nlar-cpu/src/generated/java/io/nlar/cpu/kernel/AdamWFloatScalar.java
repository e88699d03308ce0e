// Made by build-kernels from src/kernels; change the rule there.
package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/** The rule AdamW for float32, one element at a time: the bits of AdamWFloatVector. */
final class AdamWFloatScalar implements ApplyKernel {
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
  private static final boolean NESTEROV = FORM.equals("nesterov");
  private static final int MEAN = 0;
  private static final int SQUARE = 1;

  AdamWFloatScalar() {}

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
    final long meanAt = ApplyKernel.address(slots, MEAN, place * Float.BYTES);
    final long squareAt = ApplyKernel.address(slots, SQUARE, place * Float.BYTES);
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
      float f = f0;
      float m0 = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, meanAt + at);
      float m = m0 + ((f - m0) * meanShare);
      memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, meanAt + at, m);
      float q = (memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, squareAt + at) * squareDecay) + ((squareShare * f) * f);
      memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, squareAt + at, q);
      float direction = m;
      if (NESTEROV) {
        direction = m + ((f - m) * meanShare);
      }
      theta = theta - (eta * (direction / (((float) Math.sqrt(q) / root) + epsilon)));
      if (UPDATES) {
        updates.set(ValueLayout.JAVA_FLOAT_UNALIGNED, updateAt + at, NEGATED ? -theta : theta);
      } else {
        values.set(ValueLayout.JAVA_FLOAT_UNALIGNED, valueAt + at, theta);
      }
    }
  }
}
