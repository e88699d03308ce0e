package io.nlar.cpu;

import io.nlar.Noise;
import io.nlar.Slot;
import io.nlar.cpu.kernel.ApplyKernel;
import io.nlar.cpu.kernel.ApplyVariant;
import io.nlar.cpu.kernel.Kernels;
import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.NoiseKernel;
import io.nlar.cpu.kernel.NoiseVariant;
import io.nlar.cpu.kernel.SumKernel;
import io.nlar.cpu.kernel.SumVariant;
import io.nlar.spi.Binding;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.MemoryFault;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;

/** A tensor with its memory and the kernels that fit both. Immutable. */
final class BoundTensor {
  private final TensorPlan plan;
  private final GroupPlan group;
  private final MemorySegment value;
  private final MemorySegment gradient;
  private final MemorySegment valueMemory;
  private final MemorySegment gradientMemory;
  private final long valueStart;
  private final long gradientStart;
  private final boolean zeroGradient;
  private final long[] slots;
  private final long frozenNoise;
  private final boolean freshNoise;
  private final long noiseKey;
  private final NoiseKernel noiseKernel;
  private final int elementBytes;
  private final ApplyKernel kernel;
  private final ApplyKernel tailKernel;
  private final int lanes;
  private final SumKernel sumKernel;
  private final SumKernel stageKernel;

  /** Where a tensor's state lies. */
  interface State {
    /** The address of a slot that the tensor keeps. */
    long address(Slot slot);
  }

  /** Binds a tensor that has a gradient. */
  BoundTensor(TensorPlan plan, GroupPlan group, Binding binding, State state, int vectorBits) {
    this.plan = plan;
    this.group = group;
    this.value = ((CpuBuffer) binding.value()).segment();
    this.gradient = ((CpuBuffer) binding.gradient()).segment();
    this.valueMemory = Memory.forKernels(value);
    this.gradientMemory = Memory.forKernels(gradient);
    this.valueStart = Memory.start(value);
    this.gradientStart = Memory.start(gradient);
    this.zeroGradient = binding.zeroGradient();
    this.slots = group.rule().slots().stream()
        .map(SlotPlan::slot)
        .mapToLong(state::address)
        .toArray();
    this.frozenNoise = group.config().noise() instanceof Noise.Frozen ? state.address(Slot.NOISE) : 0;
    this.freshNoise = group.config().noise() instanceof Noise.Fresh;
    this.noiseKey = group.seed() ^ plan.nameHash();
    this.noiseKernel = freshNoise && vectorBits >= NoiseVariant.NARROWEST
        ? Kernels.noise(new NoiseVariant(group.type(), vectorBits)) : null;
    this.elementBytes = group.type().bytes();
    ApplyVariant variant = ApplyVariant.of(group, vectorBits, zeroGradient, valueMemory, gradientMemory);
    this.kernel = Kernels.apply(variant);
    this.tailKernel = Kernels.apply(variant.scalar());
    this.lanes = kernel.lanes();
    this.sumKernel = Kernels.sums(new SumVariant(group.type(), vectorBits, true, gradientMemory.getClass()));
    this.stageKernel = Kernels.sums(new SumVariant(group.type(), vectorBits, true, Memory.EVERYWHERE.getClass()));
  }

  TensorPlan plan() {
    return plan;
  }

  GroupPlan group() {
    return group;
  }

  MemorySegment value() {
    return value;
  }

  MemorySegment gradient() {
    return gradient;
  }

  long length() {
    return plan.length();
  }

  /** Whether its values or gradients lie in a mapped file. */
  boolean mapped() {
    return value.isMapped() || gradient.isMapped();
  }

  /** Leaves the sums of squares of the blocks of elements {@code from} to {@code from + count} at an address. */
  void reduce(long from, long count, long sums, Scratch scratch) {
    scratch.sums.run(sumKernel, stageKernel, gradientMemory, gradientStart + from * elementBytes, count, elementBytes,
        sums);
  }

  /** Updates elements {@code from} to {@code from + count} in step {@code t}. */
  void apply(long from, int count, long t, double[] scalars, Scratch scratch) {
    if (!freshNoise) {
      update(from, count, frozenNoise + from * elementBytes, scalars);
      return;
    }
    for (int done = 0; done < count; done += Scratch.NOISE_ELEMENTS) {
      int piece = Math.min(Scratch.NOISE_ELEMENTS, count - done);
      update(from + done, piece, scratch.drawNoise(noiseKernel, noiseKey, t, from + done, piece, group.type()), scalars);
    }
  }

  /**
   * Updates whole vectors with the kernel, and what is left with its scalar twin, which has the same bits. (Masked
   * vectors are no alternative: without mask registers the JVM makes them from whole ones, which read past the tensor's
   * end and write its neighbours.)
   */
  private void update(long from, int count, long noise, double[] scalars) {
    int whole = count - count % lanes;
    long offset = from * elementBytes;
    if (whole > 0) {
      kernel.run(valueMemory, valueStart + offset, gradientMemory, gradientStart + offset, slots, offset, noise, whole,
          scalars);
    }
    if (whole < count) {
      long done = (long) whole * elementBytes;
      tailKernel.run(valueMemory, valueStart + offset + done, gradientMemory, gradientStart + offset + done, slots,
          offset + done, noise + done, count - whole, scalars);
    }
  }

  /** Sets the gradient to 0 if it is to be zeroed. */
  void zeroGradientIfAsked() {
    if (zeroGradient) {
      gradient.fill((byte) 0);
      if (gradient.isMapped()) {
        MemoryFault.report();
      }
    }
  }
}
