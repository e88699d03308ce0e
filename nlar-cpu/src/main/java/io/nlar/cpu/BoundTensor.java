package io.nlar.cpu;

import io.nlar.Noise;
import io.nlar.Slot;
import io.nlar.cpu.kernel.ApplyKernel;
import io.nlar.cpu.kernel.ApplyScalars;
import io.nlar.cpu.kernel.ApplySpan;
import io.nlar.cpu.kernel.ApplyVariant;
import io.nlar.cpu.kernel.Kernels;
import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.SumKernel;
import io.nlar.cpu.kernel.SumVariant;
import io.nlar.spi.Binding;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.MemoryFault;
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
  private final MemorySegment velocity;
  private final MemorySegment rate;
  private final MemorySegment weight;
  private final MemorySegment frozenNoise;
  private final boolean freshNoise;
  private final long noiseKey;
  private final int elementBytes;
  private final ApplyKernel kernel;
  private final ApplyKernel tailKernel;
  private final int lanes;
  private final SumKernel sumKernel;
  private final SumKernel stageKernel;

  /** Where a tensor's state lies. */
  interface State {
    /** The memory of a slot; null where the tensor keeps none. */
    MemorySegment memory(Slot slot);
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
    this.velocity = state.memory(Slot.VELOCITY);
    this.rate = state.memory(Slot.RATE);
    this.weight = state.memory(Slot.WEIGHT);
    this.frozenNoise = state.memory(Slot.NOISE);
    this.freshNoise = group.config().noise() instanceof Noise.Fresh;
    this.noiseKey = group.seed() ^ plan.nameHash();
    this.elementBytes = group.type().bytes();
    ApplyVariant variant = ApplyVariant.of(
        group.config(), group.type(), vectorBits, zeroGradient, valueMemory, gradientMemory);
    this.kernel = Kernels.apply(variant);
    this.tailKernel = Kernels.apply(variant.inNativeMemory());
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
  void apply(long from, int count, long t, ApplyScalars scalars, Scratch scratch) {
    if (!freshNoise) {
      update(from, count, frozenNoise, from * elementBytes, scalars, scratch);
      return;
    }
    for (int done = 0; done < count; done += Scratch.NOISE_ELEMENTS) {
      int piece = Math.min(Scratch.NOISE_ELEMENTS, count - done);
      MemorySegment noise = scratch.drawNoise(noiseKey, t, from + done, piece, group.type());
      update(from + done, piece, noise, 0, scalars, scratch);
    }
  }

  private void update(
      long from, int count, MemorySegment noise, long noiseOffset, ApplyScalars scalars, Scratch scratch) {
    int rest = count % lanes;
    int whole = count - rest;
    long offset = from * elementBytes;
    if (whole > 0) {
      ApplySpan span = scratch.span;
      span.values = valueMemory;
      span.value = valueStart + offset;
      span.gradients = gradientMemory;
      span.gradient = gradientStart + offset;
      span.velocity = address(velocity, offset);
      span.rate = address(rate, offset);
      span.weight = address(weight, offset);
      span.noise = address(noise, noiseOffset);
      span.count = whole;
      kernel.run(span, scalars);
      span.values = null;
      span.gradients = null;
    }
    if (rest > 0) {
      long done = (long) whole * elementBytes;
      updateTail(offset + done, (long) rest * elementBytes, noise, noiseOffset + done, scalars, scratch.tail);
    }
  }

  private void updateTail(
      long offset, long bytes, MemorySegment noise, long noiseOffset, ApplyScalars scalars, TailStage stage) {
    stage.put(TailStage.VALUE, value, offset, bytes);
    stage.put(TailStage.GRADIENT, gradient, offset, bytes);
    stage.put(TailStage.VELOCITY, velocity, offset, bytes);
    stage.put(TailStage.RATE, rate, offset, bytes);
    stage.put(TailStage.WEIGHT, weight, offset, bytes);
    stage.put(TailStage.NOISE, noise, noiseOffset, bytes);
    stage.run(tailKernel, scalars);
    stage.take(TailStage.VALUE, value, offset, bytes);
    stage.take(TailStage.GRADIENT, zeroGradient ? gradient : null, offset, bytes);
    stage.take(TailStage.VELOCITY, velocity, offset, bytes);
    stage.take(TailStage.RATE, rate, offset, bytes);
    stage.take(TailStage.WEIGHT, weight, offset, bytes);
  }

  private static long address(MemorySegment memory, long offset) {
    return memory == null ? 0 : memory.address() + offset;
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
