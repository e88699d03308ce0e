package io.nlar.cpu;

import io.nlar.cpu.kernel.ApplyKernel;
import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.Rounding;
import io.nlar.cpu.kernel.SumKernel;
import io.nlar.spi.Binding;
import io.nlar.spi.StepPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * The update of all tensors. Claims come from the end, where the reduction has just read the gradients: they are still
 * in the cache.
 */
final class ApplyPass extends Pass {
  private final Group[] groups;
  private final Span[] spans;
  private final MemorySegment sums;
  /** By tensors, of those that may move; null where none may. */
  private final Span[] movable;
  private final StepMemory memory;
  private final Innovation innovation;

  /** A pass over the tensors that have gradients among {@code bindings}; made where arithmetic is Java's. */
  static ApplyPass of(CpuDevice device, StepPlan plan, List<Binding> bindings, StepMemory memory) {
    Group[] groups = new Group[plan.groups().size()];
    for (int i = 0; i < groups.length; i++) {
      int number = i;
      groups[i] = new Group(plan.groups().get(i), slot -> memory.slot(number, slot), device.vectorBits());
    }
    return new ApplyPass(
        device, groups, Span.of(plan, bindings, groups, memory::place, device.vectorBits()), memory.sums().segment(),
        memory, plan.learnsLater());
  }

  /** A pass over spans of tensors in some groups. */
  ApplyPass(CpuDevice device, Group[] groups, Span[] spans, MemorySegment sums) {
    this(device, groups, spans, sums, null, false);
  }

  private ApplyPass(CpuDevice device, Group[] groups, Span[] spans, MemorySegment sums, StepMemory memory,
      boolean learnsLater) {
    super(device, new Claims(spans.length, i -> spans[i].length(), device.cut()), true,
        Arrays.stream(spans).anyMatch(span -> span.mapped));
    this.groups = groups;
    this.spans = spans;
    this.sums = sums;
    this.memory = memory;
    Span[] changing = Arrays.stream(spans)
        .filter(span -> span.group.keeps > 0 && !(learnsLater && span.group.observes)).toArray(Span[]::new);
    this.innovation = changing.length > 0 ? new Innovation(device, changing, memory) : null;
    int tensors = Arrays.stream(spans).filter(span -> span.movable).mapToInt(span -> span.tensor + 1).max().orElse(0);
    this.movable = tensors == 0 ? null : new Span[tensors];
    for (Span span : spans) {
      if (span.movable) {
        movable[span.tensor] = span;
      }
    }
  }

  /** The gradient of a tensor lies at another address from now on. */
  void moveGradient(int tensor, long address) {
    if (movable != null && tensor < movable.length && movable[tensor] != null) {
      movable[tensor].moveGradient(address);
    }
  }

  /** Derives the scalars of step {@code t}, which {@link #over} then makes. */
  void derive(long t, double gradientScale, double rateFactor) {
    double total = sums.get(ValueLayout.JAVA_DOUBLE, 0);
    for (Group group : groups) {
      group.derive(t, gradientScale, rateFactor, total);
    }
  }

  @Override
  void work(int item, long from, long to, Scratch scratch) {
    Span span = spans[item];
    Group group = span.group;
    if (group.keeps > 0) {
      memory.kept(span.tensor, scratch.kept, group.keeps);
    }
    double[] scalars = group.byTensor()
        ? group.scalars(sums.getAtIndex(ValueLayout.JAVA_DOUBLE, span.tensor + 1), scratch.kept, scratch.scalars)
        : group.scalars();
    long piece = group.observes ? SumKernel.BLOCK : group.freshNoise ? Scratch.NOISE_ELEMENTS
        : group.widensGradients || group.narrowsMasters ? Scratch.HALVES : to - from;
    for (long first = from; first < to; ) {
      long element = span.base + first;
      // The key of random bits is that of so many elements.
      long end = group.rounded ? Math.min(to, (element | ApplyKernel.SAME_KEY - 1) + 1 - span.base) : to;
      int count = (int) Math.min(piece, end - first);
      MemorySegment gradients = span.gradients;
      long gradientAt = span.gradientStart() + first * group.gradientBytes;
      if (group.widensGradients) {
        gradientAt = scratch.widen(gradients, gradientAt, count, span.zeroGradient);
        gradients = Memory.EVERYWHERE;
      }
      long updateAt = span.updateStart() + first * group.valueBytes;
      MemorySegment values = span.values;
      long valueAt = span.valueStart + first * group.valueBytes;
      if (group.narrowsMasters) {
        valueAt = span.slots[span.slots.length - 1] + (span.place + first) * Float.BYTES;
        values = Memory.EVERYWHERE;
      }
      long noise = group.freshNoise
          ? scratch.drawNoise(group.noiseKernel, group.distribution, span.noiseKey, group.t(), element, count,
              group.plan.type())
          : span.frozenNoise + (span.place + first) * group.noiseBytes;
      long key = group.rounded ? Rounding.key(span.roundingKey, group.t(), element) : 0;
      long[] slots = group.observes ? scratch.observing(group, span.place + first) : span.slots;
      int whole = count - count % span.lanes;
      if (whole > 0) {
        span.kernel.run(values, valueAt, gradients, gradientAt, span.updates, updateAt, slots, span.place + first,
            noise, whole, scalars, key, (int) (element >>> 1));
      }
      if (whole < count) {
        long rest = first + whole;
        span.tailKernel.run(values, valueAt + (long) whole * group.kernelStorage.value().bytes(), gradients,
            gradientAt + (long) whole * group.kernelStorage.gradient().bytes(), span.updates,
            updateAt + (long) whole * group.valueBytes, slots, span.place + rest,
            noise + (long) whole * group.noiseBytes, count - whole, scalars, key, (int) (element + whole >>> 1));
      }
      if (group.observes) {
        group.productKernel.run(scratch.directions, scratch.velocities, count,
            memory.products(span.tensor, 0) + first / SumKernel.BLOCK * Double.BYTES, memory.productsApart(),
            scratch.products);
      }
      if (group.narrowsMasters) {
        scratch.narrow(valueAt, count, span.values, span.valueStart + first * group.valueBytes);
      }
      first += count;
    }
  }

  /** Goes after {@link #over}: what becomes of what is kept of parameters. */
  void end(double rateFactor, long scratch) {
    if (innovation != null) {
      innovation.learn(rateFactor, scratch);
    }
  }

  /** What a skipped step does to gradients that are to be zeroed, and to updates, which will be added. */
  void zero() {
    for (Span span : spans) {
      span.zeroIfAsked();
    }
  }
}
