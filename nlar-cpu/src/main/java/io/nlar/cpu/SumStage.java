package io.nlar.cpu;

import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.SumKernel;
import java.lang.foreign.MemorySegment;

/**
 * Runs sum kernels over any number of elements: where the last row is not full, the last block is copied to where zeros
 * fill it up. Absent elements so count as +0, which changes no sum: sums start at +0 and are never −0.
 */
final class SumStage {
  static final int BYTES = SumKernel.SCRATCH_BYTES + SumKernel.BLOCK * Double.BYTES;

  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[SumKernel.LANES * Double.BYTES]);

  private final long lanes;
  private final MemorySegment block;

  /** A stage on {@value #BYTES} bytes. */
  SumStage(MemorySegment memory) {
    this.lanes = memory.address();
    this.block = memory.asSlice(SumKernel.SCRATCH_BYTES);
  }

  /**
   * Leaves the sums of blocks at {@code sums}.
   *
   * @param kernel for the memory that holds the elements
   * @param stageKernel the same for native memory
   * @param memory the elements' memory, as {@link Memory#forKernels} gives it
   * @param offset the first element's byte offset in it
   */
  void run(SumKernel kernel, SumKernel stageKernel, MemorySegment memory, long offset, long count, int elementBytes,
      long sums) {
    long rest = count % SumKernel.LANES == 0 ? 0 : count % SumKernel.BLOCK;
    long whole = count - rest;
    if (whole > 0) {
      kernel.run(memory, offset, whole, sums, lanes);
    }
    if (rest > 0) {
      long rows = (rest + SumKernel.LANES - 1) / SumKernel.LANES;
      long used = rest * elementBytes;
      long filled = rows * SumKernel.LANES * elementBytes;
      MemorySegment.copy(memory, offset + whole * elementBytes, block, 0, used);
      MemorySegment.copy(ZEROS, 0, block, used, filled - used);
      stageKernel.run(Memory.EVERYWHERE, block.address(), rows * SumKernel.LANES,
          sums + whole / SumKernel.BLOCK * Double.BYTES, lanes);
    }
  }
}
