package io.nlar.cpu;

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
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Consecutive elements that are updated as one: those of a tensor that has a gradient, or of neighbours whose values,
 * gradients and state touch.
 */
final class Span {
  final Group group;
  final ApplyKernel kernel;
  /** The same one element at a time, with the same bits: for what is left behind whole vectors. */
  final ApplyKernel tailKernel;
  final int lanes;
  final MemorySegment values;
  final long valueStart;
  final MemorySegment gradients;
  final long gradientStart;
  /** Elements from the starts of the group's slots to the first element's state. */
  final long place;
  /** The number of the tensor, and its keys of fresh noise and of random bits: of a span that is one. */
  final int tensor;
  final long noiseKey;
  final long roundingKey;
  /** Where its native memory starts, of a span with fresh noise and elements all as wide as the noise. */
  final long[] streams;
  final boolean mapped;

  final boolean zeroGradient;
  private long length;

  private Span(Span before, Group group, Binding binding, long place, TensorPlan tensor, int vectorBits) {
    MemorySegment value = CpuBuffer.segment(binding.value());
    MemorySegment gradient = CpuBuffer.segment(binding.gradient());
    this.group = group;
    this.values = Memory.forKernels(value);
    this.valueStart = value.address();
    this.gradients = Memory.forKernels(gradient);
    this.gradientStart = gradient.address();
    this.place = place;
    this.length = tensor.length();
    this.tensor = tensor.index();
    this.noiseKey = group.freshNoise ? group.plan.seed() ^ tensor.nameHash() : 0;
    this.roundingKey = group.rounded ? group.plan.roundingSeed() ^ tensor.nameHash() : 0;
    this.streams = group.freshNoise && !group.plan.storage().narrow() ? streams(value, gradient) : new long[0];
    this.mapped = value.isMapped() || gradient.isMapped();
    this.zeroGradient = binding.zeroGradient();
    if (before != null && sameKernel(before)) {
      kernel = before.kernel;
      tailKernel = before.tailKernel;
    } else {
      ApplyKernel.Variant variant = ApplyKernel.Variant.of(group.plan, vectorBits,
          zeroGradient && !group.widensGradients, group.narrowsMasters ? Memory.EVERYWHERE : values,
          group.widensGradients ? Memory.EVERYWHERE : gradients).with(group.kernelStorage);
      kernel = Kernels.apply(variant);
      tailKernel = Kernels.apply(variant.scalar());
    }
    this.lanes = kernel.lanes();
  }

  private long[] streams(MemorySegment value, MemorySegment gradient) {
    LongStream state = Arrays.stream(group.slots).map(start -> start + place * group.noiseBytes);
    LongStream lent = Stream.of(value, gradient).filter(MemorySegment::isNative).mapToLong(MemorySegment::address);
    return LongStream.concat(state, lent).toArray();
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
    return group == other.group && zeroGradient == other.zeroGradient && values.getClass() == other.values.getClass()
        && gradients.getClass() == other.gradients.getClass();
  }

  /** Whether the other one is updated alike and starts where this one ends. */
  private boolean touches(Span next) {
    return sameKernel(next) && !group.freshNoise && !group.rounded && !group.byTensor() && mapped == next.mapped
        && place + length == next.place && valueStart + length * group.valueBytes == next.valueStart
        && gradientStart + length * group.gradientBytes == next.gradientStart && Memory.same(values, next.values)
        && Memory.same(gradients, next.gradients);
  }

  long length() {
    return length;
  }

  /** Sets the gradients to 0 if they are to be zeroed. */
  void zeroGradientsIfAsked() {
    if (zeroGradient) {
      gradients.asSlice(gradientStart, length * group.gradientBytes).fill((byte) 0);
      if (mapped) {
        MemoryFault.report();
      }
    }
  }
}
