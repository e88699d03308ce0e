package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.cpu.kernel.Kernels;
import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.SumKernel;
import io.nlar.cpu.kernel.SumVariant;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The sums of squares of all tensors, in the fixed shape of docs/numerics.md. */
final class ReducePass extends Pass implements AutoCloseable {
  private final CpuDevice device;
  private final SumKernel plainSums;
  private final long[] firstBlock;
  private final NativeMemory blocks;
  private final MemorySegment sums;
  private final int tensors;

  /**
   * Allocates room for all block sums.
   *
   * @param sums where results go: the total, then one sum per tensor
   */
  ReducePass(CpuDevice device, StepPlan plan, MemorySegment sums) {
    super(device);
    this.device = device;
    this.sums = sums;
    this.tensors = plan.tensors().size();
    this.plainSums =
        Kernels.sums(new SumVariant(DType.FLOAT64, device.vectorBits(), false, Memory.EVERYWHERE.getClass()));
    this.firstBlock = new long[tensors + 1];
    for (TensorPlan tensor : plan.tensors()) {
      firstBlock[tensor.index() + 1] = firstBlock[tensor.index()] + blocks(tensor.length());
    }
    // The tensors' sums are folded behind the block sums.
    this.blocks = device.holdings().allocate((firstBlock[tensors] + tensors) * Double.BYTES, "the block sums");
  }

  private static long blocks(long elements) {
    return elements / SumKernel.BLOCK + (elements % SumKernel.BLOCK == 0 ? 0 : 1);
  }

  /** Offset of a tensor's block sum in {@link #blocks}. */
  private long blockSum(int tensor, long block) {
    return (firstBlock[tensor] + block) * Double.BYTES;
  }

  /** Reduces the gradients of the tensors in {@code table}; the others' sums are +0. */
  void reduce(ChunkTable table) {
    sums.fill((byte) 0);
    over(table);
    for (int chunk = 0; chunk < table.chunks(); chunk++) {
      if (table.from(chunk) == 0 && !table.whole(chunk)) {
        finish(table.tensor(chunk).plan().index(), table.tensor(chunk).length(), device.scratch(0));
      }
    }
    long all = blockSum(tensors, 0);
    MemorySegment.copy(sums, Double.BYTES, blocks.segment(), all, (long) tensors * Double.BYTES);
    sums.set(ValueLayout.JAVA_DOUBLE, 0, fold(all, tensors, device.scratch(0)));
  }

  @Override
  void claim(ChunkTable chunks, int claim, Scratch scratch) {
    for (int chunk = chunks.firstChunk(claim); chunk < chunks.firstChunk(claim + 1); chunk++) {
      BoundTensor tensor = chunks.tensor(chunk);
      int index = tensor.plan().index();
      long from = chunks.from(chunk);
      tensor.reduce(from, chunks.count(chunk), blocks.address() + blockSum(index, from / SumKernel.BLOCK), scratch);
      if (chunks.whole(chunk)) {
        finish(index, tensor.length(), scratch);
      }
    }
  }

  private void finish(int tensor, long length, Scratch scratch) {
    sums.setAtIndex(ValueLayout.JAVA_DOUBLE, tensor + 1, fold(blockSum(tensor, 0), blocks(length), scratch));
  }

  /** Adds {@code count} ≥ 1 values from byte {@code offset} of {@link #blocks} on, level by level, in place. */
  private double fold(long offset, long count, Scratch scratch) {
    long address = blocks.address() + offset;
    for (long left = count; left > 1; left = blocks(left)) {
      scratch.sums.run(plainSums, plainSums, Memory.EVERYWHERE, address, left, Double.BYTES, address);
    }
    return blocks.segment().get(ValueLayout.JAVA_DOUBLE, offset);
  }

  @Override
  public void close() {
    device.holdings().free(blocks);
  }
}
