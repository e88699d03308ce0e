package io.nlar.cpu;

import io.nlar.Slot;
import io.nlar.cpu.kernel.ApplyKernel;
import io.nlar.cpu.kernel.Kernels;
import io.nlar.cpu.kernel.Memory;
import io.nlar.spi.Binding;
import io.nlar.spi.MemoryFault;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;

/**
 * Consecutive elements that are updated as one: those of a tensor that has a gradient, or of neighbours whose values,
 * gradients and state touch.
 */
final class Span {
  /** Where what is not looked at lies: no address is below 0. */
  private static final long NOWHERE = Long.MIN_VALUE;

  final Group group;
  final ApplyKernel kernel;
  /** The same one element at a time, with the same bits: for what is left behind whole vectors. */
  final ApplyKernel tailKernel;
  final int lanes;
  final MemorySegment values;
  final long valueStart;
  final MemorySegment gradients;
  private long gradientStart;
  /** Where updates go; of no matter where values are updated. */
  final MemorySegment updates;
  private long updateStart;
  /** Where the slots that kernels know and frozen noise start: the group's, or what was lent less its place. */
  final long[] slots;
  final long frozenNoise;
  /** Elements from there to the first element's state. */
  final long place;
  /** The number of the tensor, and its keys of fresh noise and of random bits: of a span that is one. */
  final int tensor;
  final long noiseKey;
  final long roundingKey;
  /** The number of the first element in the whole tensor; of no matter for neighbours, which know neither noise nor random bits. */
  final long base;
  final boolean mapped;

  final boolean zeroGradient;
  /** As kernels know it, and whether it goes over the gradient. */
  private final int update;
  private final boolean overGradient;
  /** Whether the gradient may move; then the span is a single tensor. */
  final boolean movable;
  private long length;

  private Span(Span before, Group group, Binding binding, long place, TensorPlan tensor, int vectorBits) {
    MemorySegment value = CpuBuffer.segment(binding.value());
    MemorySegment gradient = CpuBuffer.segment(binding.gradient());
    MemorySegment target = CpuBuffer.segment(binding.target());
    this.group = group;
    this.update = !tensor.updates() ? ApplyKernel.Variant.NO_UPDATE
        : binding.negated() ? ApplyKernel.Variant.SUBTRACTED : ApplyKernel.Variant.ADDED;
    this.overGradient = binding.overGradient();
    boolean valueCounts = !tensor.updates() || group.plan.config().weightDecay() != 0;
    this.values = valueCounts ? Memory.forKernels(value) : Memory.EVERYWHERE;
    this.valueStart = valueCounts ? value.address() : NOWHERE;
    this.updates = tensor.updates() ? Memory.forKernels(target) : Memory.EVERYWHERE;
    this.updateStart = tensor.updates() ? target.address() : NOWHERE;
    this.gradients = Memory.forKernels(gradient);
    this.gradientStart = gradient.address();
    this.movable = binding.movable();
    this.place = place;
    this.slots = tensor.lentState()
        ? group.kernelSlots.stream().mapToLong(slot -> start(binding, slot.slot(), slot.type().bytes())).toArray()
        : group.slots;
    this.frozenNoise = !tensor.lentState() ? group.frozenNoise
        : binding.state().containsKey(Slot.NOISE) ? start(binding, Slot.NOISE, group.noiseBytes) : 0;
    this.length = tensor.length();
    this.tensor = tensor.index();
    this.base = tensor.offset();
    this.noiseKey = group.freshNoise ? group.plan.seed() ^ tensor.nameHash() : 0;
    this.roundingKey = group.rounded ? group.plan.roundingSeed() ^ tensor.nameHash() : 0;
    this.mapped = binding.buffers().stream().anyMatch(buffer -> CpuBuffer.segment(buffer).isMapped());
    this.zeroGradient = binding.zeroGradient();
    if (before != null && sameKernel(before)) {
      kernel = before.kernel;
      tailKernel = before.tailKernel;
    } else {
      ApplyKernel.Variant variant = ApplyKernel.Variant.of(group.plan, vectorBits,
          zeroGradient && !group.widensGradients, update, group.narrowsMasters ? Memory.EVERYWHERE : values,
          group.widensGradients ? Memory.EVERYWHERE : gradients, updates).with(group.kernelStorage);
      kernel = Kernels.apply(variant);
      tailKernel = Kernels.apply(variant.scalar());
    }
    this.lanes = kernel.lanes();
  }

  /** Where a slot that was lent would start, for its own place to be where it is. */
  private long start(Binding binding, Slot slot, int bytes) {
    return CpuBuffer.segment(binding.state().get(slot)).address() - place * bytes;
  }

  /**
   * The spans of all tensors that have elements and a gradient, in the tensors' order.
   *
   * @param places where each tensor starts in its group's slots, in elements
   */
  static Span[] of(
      StepPlan plan, List<Binding> bindings, Group[] groups, IntToLongFunction places, int vectorBits) {
    List<Span> spans = new ArrayList<>();
    Span last = null;
    for (TensorPlan tensor : plan.tensors()) {
      Binding binding = bindings.get(tensor.index());
      if (binding.gradient() == null || tensor.length() == 0) {
        continue;
      }
      long place = places.applyAsLong(tensor.index());
      Span next = new Span(last, groups[tensor.group()], binding, place, tensor, vectorBits);
      if (last != null && last.touches(next)) {
        last.length += next.length;
      } else {
        spans.add(next);
        last = next;
      }
    }
    return spans.toArray(Span[]::new);
  }

  private boolean sameKernel(Span other) {
    return group == other.group && zeroGradient == other.zeroGradient && update == other.update
        && updates.getClass() == other.updates.getClass() && values.getClass() == other.values.getClass()
        && gradients.getClass() == other.gradients.getClass();
  }

  /** Whether the other one is updated alike and starts where this one ends. */
  private boolean touches(Span next) {
    return sameKernel(next) && !movable && !next.movable && !group.freshNoise && !group.rounded && !group.byTensor()
        && mapped == next.mapped && place + length == next.place && frozenNoise == next.frozenNoise && Arrays.equals(slots, next.slots)
        && follows(valueStart, next.valueStart) && follows(updateStart, next.updateStart)
        && gradientStart + length * group.gradientBytes == next.gradientStart && Memory.same(values, next.values)
        && Memory.same(gradients, next.gradients) && Memory.same(updates, next.updates);
  }

  /** Whether values or updates that start there are behind this span's; also where neither are looked at. */
  private boolean follows(long start, long next) {
    return start == NOWHERE ? next == NOWHERE : start + length * group.valueBytes == next;
  }

  long gradientStart() {
    return gradientStart;
  }

  void moveGradient(long address) {
    gradientStart = address;
    if (overGradient) {
      updateStart = address;
    }
  }

  long updateStart() {
    return updateStart;
  }

  long length() {
    return length;
  }

  /** Sets the gradients to 0 if they are to be zeroed, and updates. */
  void zeroIfAsked() {
    if (zeroGradient) {
      gradients.asSlice(gradientStart, length * group.gradientBytes).fill((byte) 0);
    }
    if (update != ApplyKernel.Variant.NO_UPDATE) {
      updates.asSlice(updateStart, length * group.valueBytes).fill((byte) 0);
    }
    if (mapped) {
      MemoryFault.report();
    }
  }
}
