package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** The update by its scalar kernel until the one on vectors takes over. */
final class LateApplyKernel extends LateKernel<ApplyKernel> implements ApplyKernel {

  LateApplyKernel(ApplyKernel scalar, ApplyKernel vector, long after) {
    super(scalar, vector, after);
  }

  LateApplyKernel(ApplyKernel scalar, ApplyKernel vector, long after, LongSupplier clock) {
    super(scalar, vector, after, clock);
  }

  @Override
  public int lanes() {
    return vector.lanes();
  }

  @Override
  public void run(MemorySegment values, long valueAt, MemorySegment gradients, long gradientAt, MemorySegment updates,
      long updateAt, long[] slots, long place, long epsilonAt, int count, double[] scalars, long roundingKey, int pair) {
    if (takenOver()) {
      vector.run(values, valueAt, gradients, gradientAt, updates, updateAt, slots, place, epsilonAt, count, scalars,
          roundingKey, pair);
      return;
    }
    if (due(count)) {
      rehearse(new Rehearsal(values, gradients, updates, slots.length, scalars.clone())::run);
    }
    scalar.run(values, valueAt, gradients, gradientAt, updates, updateAt, slots, place, epsilonAt, count, scalars,
        roundingKey, pair);
  }

  /** A run with the arguments of a real one, on other memory. */
  private static final class Rehearsal {
    private final MemorySegment values;
    private final long valueAt;
    private final MemorySegment gradients;
    private final long gradientAt;
    /** Where values would be stored: these are only read then. */
    private final MemorySegment updates;
    private final long updateAt;
    private final long epsilonAt = Takeover.address(2);
    private final long[] slots;
    private final double[] scalars;

    private Rehearsal(
        MemorySegment values, MemorySegment gradients, MemorySegment updates, int slots, double[] scalars) {
      this.values = Takeover.like(values);
      this.valueAt = values.isNative() ? Takeover.address(0) : 0;
      this.gradients = Takeover.like(gradients);
      this.gradientAt = gradients.isNative() ? Takeover.address(1) : 0;
      this.updates = Takeover.like(updates);
      this.updateAt = updates.isNative() ? Takeover.address(0) : 0;
      this.slots = IntStream.range(0, slots).mapToLong(slot -> Takeover.address(3 + slot)).toArray();
      this.scalars = scalars;
    }

    private void run(ApplyKernel kernel) {
      // A kernel may zero gradients; from then on it would know nothing but zeros.
      Takeover.filled(gradients.asSlice(gradientAt, Takeover.BYTES));
      kernel.run(values, valueAt, gradients, gradientAt, updates, updateAt, slots, 0, epsilonAt, Takeover.ELEMENTS, scalars,
          0, 0);
    }
  }
}
