package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.cpu.kernel.Kernels;
import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.SumKernel;
import io.nlar.spi.Binding;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The sums of squares of all tensors, in the fixed shape of docs/numerics.md. */
final class ReducePass extends Pass {

  /** What no sum of squares is. */
  private static final double NONE = -1;

  /** A tensor that has a gradient. */
  private static final class Gradient {
    private final BlockSquares squares;
    private final MemorySegment memory;
    private long start;
    private final long length;
    /** Addresses of its sum, and of the sums of its blocks: of a single block they are one. */
    private final long sum;
    private final long blocks;
    /** Its sum, where that was taken before the pass. */
    private double early = NONE;

    private Gradient(BlockSquares squares, MemorySegment memory, long start, long length, long sum, long blocks) {
      this.squares = squares;
      this.memory = memory;
      this.start = start;
      this.length = length;
      this.sum = sum;
      this.blocks = length <= SumKernel.BLOCK ? sum : blocks;
    }

    /** Where the element {@code from} is. */
    private long at(long from) {
      return start + from * squares.elementBytes();
    }

    /** Where the sum of the block goes that it begins. */
    private long to(long from) {
      return blocks + from / SumKernel.BLOCK * Double.BYTES;
    }
  }

  private final CpuDevice device;
  private final Gradient[] gradients;
  private final Gradient[] cutUp;
  /** By tensors; null until a sum is taken early. */
  private Gradient[] byTensor;
  private boolean anyEarly;
  /** By tensors; null where none may move. */
  private final Gradient[] movable;
  private final int chunk;
  private final SumKernel plainSums;
  private final MemorySegment sums;
  private final long behindBlocks;
  private final int tensors;

  /** A pass over the gradients among {@code bindings}; the sums of tensors without one are +0. */
  static ReducePass of(CpuDevice device, StepPlan plan, List<Binding> bindings, StepMemory memory) {
    List<Gradient> gradients = new ArrayList<>(bindings.size());
    Gradient[] movable = bindings.stream().anyMatch(Binding::movable) ? new Gradient[bindings.size()] : null;
    long blocks = memory.blocks();
    boolean mapped = false;
    BlockSquares squares = null;
    for (TensorPlan tensor : plan.tensors()) {
      Binding binding = bindings.get(tensor.index());
      if (binding.gradient() != null && tensor.length() > 0) {
        MemorySegment segment = CpuBuffer.segment(binding.gradient());
        MemorySegment elements = Memory.forKernels(segment);
        squares = BlockSquares.of(plan.groupOf(tensor).storage().gradient(), device.vectorBits(), elements, squares);
        long sum = memory.sums().segment().address() + (tensor.index() + 1L) * Double.BYTES;
        gradients.add(new Gradient(squares, elements, segment.address(), tensor.length(), sum, blocks));
        mapped |= segment.isMapped();
        if (binding.movable()) {
          movable[tensor.index()] = gradients.getLast();
        }
      }
      blocks += tensor.ownBlocks() * Double.BYTES;
    }
    return new ReducePass(device, gradients.toArray(Gradient[]::new), movable, memory, blocks, plan.tensors().size(), mapped);
  }

  private ReducePass(CpuDevice device, Gradient[] gradients, Gradient[] movable, StepMemory memory, long behindBlocks,
      int tensors, boolean mapped) {
    super(device, new Claims(gradients.length, i -> gradients[i].length, device.cut()), false, mapped);
    this.device = device;
    this.gradients = gradients;
    this.movable = movable;
    this.chunk = device.cut().chunk();
    this.cutUp = Arrays.stream(gradients).filter(gradient -> gradient.length > chunk).toArray(Gradient[]::new);
    this.plainSums =
        Kernels.sums(new SumKernel.Variant(DType.FLOAT64, device.vectorBits(), false, Memory.EVERYWHERE.getClass()));
    this.sums = memory.sums().segment();
    this.behindBlocks = behindBlocks;
    this.tensors = tensors;
  }

  /** The gradient of a tensor lies at another address from now on. */
  void moveGradient(int tensor, long address) {
    if (movable[tensor] != null) {
      movable[tensor].start = address;
      movable[tensor].early = NONE;
    }
  }

  /** Takes the sum of one tensor's gradient on the calling thread; the next pass leaves it out. */
  void reduce(int tensor) {
    if (byTensor == null) {
      byTensor = new Gradient[tensors];
      long first = sums.address() + Double.BYTES;
      for (Gradient gradient : gradients) {
        byTensor[(int) ((gradient.sum - first) / Double.BYTES)] = gradient;
      }
    }
    Gradient gradient = byTensor[tensor];
    if (gradient != null) {
      gradient.early = NONE;
      gradient.squares.leave(gradient.memory, gradient.start, gradient.length, gradient.blocks, device.scratch(0));
      fold(gradient.blocks, gradient.length, gradient.sum, device.scratch(0).sums);
      reportFaults();
      gradient.early = Memory.EVERYWHERE.get(ValueLayout.JAVA_DOUBLE, gradient.sum);
      anyEarly = true;
    }
  }

  /** Goes before {@link #over}: tensors without a gradient get the sum +0. */
  void begin() {
    if (gradients.length < tensors) {
      sums.fill((byte) 0);
    }
  }

  @Override
  void work(int item, long from, long to, Scratch scratch) {
    Gradient gradient = gradients[item];
    if (gradient.early != NONE) {
      return;
    }
    gradient.squares.leave(gradient.memory, gradient.at(from), to - from, gradient.to(from), scratch);
    if (gradient.length > SumKernel.BLOCK && gradient.length <= chunk) {
      fold(gradient.blocks, gradient.length, gradient.sum, scratch.sums);
    }
  }

  /** Goes after {@link #over}: adds what several threads left, and the tensors' sums. */
  void end() {
    long scratch = device.scratch(0).sums;
    for (Gradient gradient : cutUp) {
      if (gradient.early == NONE) {
        fold(gradient.blocks, gradient.length, gradient.sum, scratch);
      }
    }
    if (anyEarly) {
      takeEarly();
    }
    long total = sums.address();
    if (tensors == 1) { // the sum of a single value is that value: it is never -0
      sums.set(ValueLayout.JAVA_DOUBLE, 0, sums.get(ValueLayout.JAVA_DOUBLE, Double.BYTES));
      return;
    }
    plainSums.run(Memory.EVERYWHERE, total + Double.BYTES, tensors, behindBlocks, scratch);
    fold(behindBlocks, tensors, total, scratch);
  }

  /** Puts sums that were taken early in their places: the caller may have written there since. */
  private void takeEarly() {
    for (Gradient gradient : gradients) {
      if (gradient.early != NONE) {
        Memory.EVERYWHERE.set(ValueLayout.JAVA_DOUBLE, gradient.sum, gradient.early);
        gradient.early = NONE;
      }
    }
    anyEarly = false;
  }

  /** Adds the sums of the blocks of {@code count} elements, level by level, in place; the last one goes to {@code to}. */
  private void fold(long blocks, long count, long to, long scratch) {
    for (long left = SumKernel.blocks(count); left > 1; left = SumKernel.blocks(left)) {
      plainSums.run(Memory.EVERYWHERE, blocks, left, blocks, scratch);
    }
    Memory.EVERYWHERE.set(ValueLayout.JAVA_DOUBLE, to, Memory.EVERYWHERE.get(ValueLayout.JAVA_DOUBLE, blocks));
  }
}
