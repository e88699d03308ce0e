package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;

/** Sums by their scalar kernel until the one on vectors takes over. */
final class LateSumKernel implements SumKernel {
  private final SumKernel scalar;
  private final SumKernel vector;
  private final long after;
  private final Takeover takeover = new Takeover();

  LateSumKernel(SumKernel scalar, SumKernel vector, long after) {
    this.scalar = scalar;
    this.vector = vector;
    this.after = after;
  }

  @Override
  public void run(MemorySegment memory, long offset, long count, long sums, long scratch) {
    if (takeover.done()) {
      vector.run(memory, offset, count, sums, scratch);
      return;
    }
    if (takeover.due(count, after)) {
      takeover.begin(new Rehearsal(memory));
    }
    scalar.run(memory, offset, count, sums, scratch);
  }

  private final class Rehearsal implements Takeover.Rehearsal {
    private final MemorySegment memory;
    private final long offset;
    private final long scratch = Takeover.address(1);

    private Rehearsal(MemorySegment memory) {
      this.memory = Takeover.like(memory);
      this.offset = memory.isNative() ? Takeover.address(0) : 0;
    }

    @Override
    public void scalar() {
      run(scalar);
    }

    @Override
    public void vector() {
      run(vector);
    }

    private void run(SumKernel kernel) {
      kernel.run(memory, offset, Takeover.ELEMENTS, scratch + SCRATCH_BYTES, scratch);
    }
  }
}
