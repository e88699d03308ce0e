package io.nlar.opencl;

import io.nlar.Slot;
import io.nlar.opencl.KernelOptions.Variant;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jocl.cl_mem;

/**
 * The state of all tensors: for each variant of the kernel one arena, with a buffer for each slot in which the tensors
 * follow each other. A further arena is begun where a buffer would be beyond the device's largest.
 */
final class StateArenas {
  /** Tensors start at multiples of this, so that vectors and cache lines do not straddle them. */
  private static final int ALIGNMENT = 32;

  /** The most state tensors of a parameter: a rule's, and frozen noise. */
  static final int MOST_SLOTS = 4;

  /** One arena; {@code elements} is the length of each of its slots' buffers. */
  static final class Arena {
    final Variant variant;
    final List<SlotPlan> slots;
    final List<TensorPlan> tensors = new ArrayList<>();
    private final Map<Slot, OpenClBuffer> buffers = new EnumMap<>(Slot.class);
    private long elements;

    private Arena(Variant variant, List<SlotPlan> slots) {
      this.variant = variant;
      this.slots = slots;
    }

    /** The memory objects of the slots, in the order of the plan. */
    List<cl_mem> memory() {
      return slots.stream().map(slot -> buffers.get(slot.slot()).memory()).toList();
    }
  }

  private final List<Arena> arenas = new ArrayList<>();
  private final Arena[] arenaOf;
  private final long[] offsetOf;
  private final List<Map<Slot, OpenClBuffer>> views = new ArrayList<>();

  /** Allocates nothing yet. */
  StateArenas(StepPlan plan, long largestBuffer) {
    arenaOf = new Arena[plan.tensors().size()];
    offsetOf = new long[plan.tensors().size()];
    Map<Variant, Arena> current = new HashMap<>();
    for (TensorPlan tensor : plan.tensors()) {
      GroupPlan group = plan.groupOf(tensor);
      Variant variant = Variant.of(group);
      long room = largestBuffer / variant.type().bytes();
      Arena arena = current.get(variant);
      if (arena == null || arena.elements > 0 && tensor.length() > room - arena.elements) {
        arena = new Arena(variant, group.slots());
        arenas.add(arena);
        current.put(variant, arena);
      }
      arena.tensors.add(tensor);
      arenaOf[tensor.index()] = arena;
      offsetOf[tensor.index()] = arena.elements;
      long end = arena.elements + tensor.length();
      arena.elements = end + Math.floorMod(-end, ALIGNMENT);
      views.add(new EnumMap<>(Slot.class));
    }
  }

  /** Allocates all slots, zeroed. What was allocated before a failure is released by {@link #release}. */
  void allocate(OpenClDevice device) {
    for (Arena arena : arenas) {
      // The padding behind the last tensor is not part of any, and must not take an arena over the limit.
      TensorPlan last = arena.tensors.getLast();
      long elements = offsetOf[last.index()] + last.length();
      for (SlotPlan slot : arena.slots) {
        arena.buffers.put(slot.slot(), device.zeroed(slot.type(), elements));
      }
    }
  }

  List<Arena> arenas() {
    return arenas;
  }

  long offset(TensorPlan tensor) {
    return offsetOf[tensor.index()];
  }

  /** The state tensor of a tensor, the same in every call; null where it keeps no such slot. */
  OpenClBuffer view(TensorPlan tensor, Slot slot) {
    OpenClBuffer buffer = arenaOf[tensor.index()].buffers.get(slot);
    return buffer == null
        ? null
        : views.get(tensor.index()).computeIfAbsent(
            slot, s -> (OpenClBuffer) buffer.slice(offset(tensor), tensor.length()));
  }

  void release() {
    Resources all = new Resources();
    arenas.forEach(arena -> arena.buffers.values().forEach(buffer -> all.add(buffer::close)));
    all.release();
  }
}
