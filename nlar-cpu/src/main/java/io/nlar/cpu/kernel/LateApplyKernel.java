package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/** The update by its scalar kernel until the one on vectors takes over. */
final class LateApplyKernel implements ApplyKernel {
  private final ApplyKernel scalar;
  private final ApplyKernel vector;
  private final long after;
  private final Takeover takeover = new Takeover();

  LateApplyKernel(ApplyKernel scalar, ApplyKernel vector, long after) {
    this.scalar = scalar;
    this.vector = vector;
    this.after = after;
  }

  @Override
  public int lanes() {
    return vector.lanes();
  }

  @Override
  public void run(MemorySegment values, long valueAt, MemorySegment gradients, long gradientAt, MemorySegment updates,
      long updateAt, long[] slots, long place, long epsilonAt, int count, double[] scalars, long roundingKey, int pair,
      long scratch) {
    if (takeover.done()) {
      vector.run(values, valueAt, gradients, gradientAt, updates, updateAt, slots, place, epsilonAt, count, scalars,
          roundingKey, pair, scratch);
      return;
    }
    if (takeover.due(count, after)) {
      takeover.begin(new Rehearsal(values, gradients, updates, slots.length, scalars.clone()));
    }
    scalar.run(values, valueAt, gradients, gradientAt, updates, updateAt, slots, place, epsilonAt, count, scalars,
        roundingKey, pair, scratch);
  }

  private final class Rehearsal implements Takeover.Rehearsal {
    private final MemorySegment values;
    private final long valueAt;
    private final MemorySegment gradients;
    private final long gradientAt;
    /** Where values would be stored: these are only read then. */
    private final MemorySegment updates;
    private final long updateAt;
    private final long epsilonAt = Takeover.address(2);
    private final long scratch = Takeover.address(3);
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
      this.slots = IntStream.range(0, slots).mapToLong(slot -> Takeover.address(4 + slot)).toArray();
      this.scalars = scalars;
    }

    @Override
    public void scalar() {
      run(scalar);
    }

    @Override
    public void vector() {
      run(vector);
    }

    private void run(ApplyKernel kernel) {
      kernel.run(values, valueAt, gradients, gradientAt, updates, updateAt, slots, 0, epsilonAt, Takeover.ELEMENTS, scalars,
          0, 0, scratch);
    }
  }
}
