package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;

/** Sums by their scalar kernel until the one on vectors takes over. */
final class LateSumKernel extends LateKernel<SumKernel> implements SumKernel {

  LateSumKernel(SumKernel scalar, SumKernel vector, long after) {
    super(scalar, vector, after);
  }

  @Override
  public void run(MemorySegment memory, long offset, long count, long sums, long scratch) {
    if (takenOver()) {
      vector.run(memory, offset, count, sums, scratch);
      return;
    }
    if (due(count)) {
      MemorySegment other = Takeover.like(memory);
      long at = memory.isNative() ? Takeover.address(0) : 0;
      long row = Takeover.address(1);
      rehearse(kernel -> kernel.run(other, at, Takeover.ELEMENTS, row + SCRATCH_BYTES, row));
    }
    scalar.run(memory, offset, count, sums, scratch);
  }
}
