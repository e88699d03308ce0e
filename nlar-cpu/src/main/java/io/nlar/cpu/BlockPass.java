package io.nlar.cpu;

import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.SumKernel;
import io.nlar.spi.Binding;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The sums of squares of blocks alone, each in its place among those of all whole tensors: for steps over parts. */
final class BlockPass extends Pass {

  /** A tensor that has a gradient, and the address of its own first block's sum. */
  private record Gradient(BlockSquares squares, MemorySegment memory, long start, long length, long blocks) {}

  private final List<Gradient> gradients;

  /** A pass over the gradients among {@code bindings} as they lie now; the blocks of tensors without one are set to +0 here. */
  static BlockPass of(CpuDevice device, StepPlan plan, List<Binding> bindings, MemorySegment blocks) {
    List<Gradient> gradients = new ArrayList<>();
    boolean mapped = false;
    BlockSquares squares = null;
    long[] starts = plan.blockStarts();
    for (TensorPlan tensor : plan.tensors()) {
      Binding binding = bindings.get(tensor.index());
      long first = (starts[tensor.index()] + tensor.firstBlock()) * Double.BYTES;
      if (binding.gradient() == null) {
        blocks.asSlice(first, tensor.ownBlocks() * Double.BYTES).fill((byte) 0);
      } else if (tensor.length() > 0) {
        MemorySegment segment = CpuBuffer.segment(binding.gradient());
        MemorySegment elements = Memory.forKernels(segment);
        squares = BlockSquares.of(plan.groupOf(tensor).storage().gradient(), device.vectorBits(), elements, squares);
        gradients.add(new Gradient(squares, elements, segment.address(), tensor.length(), blocks.address() + first));
        mapped |= segment.isMapped();
      }
    }
    return new BlockPass(device, gradients, mapped);
  }

  private BlockPass(CpuDevice device, List<Gradient> gradients, boolean mapped) {
    super(device, new Claims(gradients.size(), i -> gradients.get(i).length, device.cut()), false, mapped);
    this.gradients = gradients;
  }

  @Override
  void work(int item, long from, long to, Scratch scratch) {
    Gradient gradient = gradients.get(item);
    gradient.squares.leave(gradient.memory, gradient.start + from * gradient.squares.elementBytes(), to - from,
        gradient.blocks + from / SumKernel.BLOCK * Double.BYTES, scratch);
  }
}
