package io.nlar.spi.queue;

import io.nlar.Slot;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.Releases;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import io.nlar.spi.device.AbstractBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The state of all tensors: for each variant of the kernel one arena, with memory for each slot, in which the tensors
 * follow each other. A further arena is begun where a slot would be beyond the device's largest memory. Tensors whose state
 * the caller lends are in arenas of their own: those that a launch reaches through the same memory in one.
 */
final class StateLayout {
  /** Tensors start at multiples of this many elements, so that vectors and cache lines do not straddle them. */
  private static final int ALIGNMENT = 32;

  /** One arena; {@code elements} is the length of each of its slots. */
  static final class Arena {
    final Variant variant;
    final List<TensorPlan> tensors = new ArrayList<>();
    private final List<SlotPlan> slots;
    /** One a slot. */
    private final List<QueueBuffer> buffers = new ArrayList<>();
    private long elements;

    private Arena(Variant variant, List<SlotPlan> slots) {
      this.variant = variant;
      this.slots = slots;
    }

    /** The memory of the slots, in the order of the plan. */
    List<DeviceMemory> memory() {
      return buffers.stream().map(QueueBuffer::memory).toList();
    }

    private boolean reaches(List<QueueBuffer> others) {
      return IntStream.range(0, others.size())
          .allMatch(i -> others.get(i).memory().reachedThrough(buffers.get(i).memory()));
    }
  }

  /** Where a tensor's state lies. */
  private record Place(Arena arena, long offset, AbstractBuffer[] views) {}

  private final List<Arena> arenas = new ArrayList<>();
  private final List<Place> places = new ArrayList<>();

  /** Lays out the state; allocates nothing yet. */
  StateLayout(StepPlan plan, long largestMemory) {
    List<List<SlotPlan>> slotsOf = plan.groups().stream().map(GroupPlan::slots).toList();
    Map<Variant, Arena> current = new HashMap<>();
    for (TensorPlan tensor : plan.tensors()) {
      if (tensor.lentState()) {
        places.add(null);
        continue;
      }
      Variant variant = Variant.of(plan.groupOf(tensor), tensor.updates());
      List<SlotPlan> slots = slotsOf.get(tensor.group());
      int widest = slots.stream().mapToInt(slot -> slot.type().bytes()).max().orElse(1);
      long room = largestMemory / widest;
      Arena arena = current.get(variant);
      if (arena == null || arena.elements > 0 && tensor.length() > room - arena.elements) {
        arena = new Arena(variant, slots);
        arenas.add(arena);
        current.put(variant, arena);
      }
      arena.tensors.add(tensor);
      places.add(new Place(arena, arena.elements, new AbstractBuffer[slots.size()]));
      long end = arena.elements + tensor.length();
      arena.elements = Math.addExact(end, Math.floorMod(-end, ALIGNMENT));
    }
  }

  /** Allocates all slots, zeroed. */
  void allocate(QueueDevice device, Releases releases) {
    for (Arena arena : arenas) {
      // The padding behind the last tensor is not part of any, and must not take an arena over the limit.
      TensorPlan last = arena.tensors.getLast();
      long elements = places.get(last.index()).offset + last.length();
      for (SlotPlan slot : arena.slots) {
        DeviceMemory memory = device.queue().zeroed(Math.max(1, Math.multiplyExact(elements, (long) slot.type().bytes())),
            "the state of " + arena.tensors.size() + " parameters");
        arena.buffers.add(releases.add(
            new QueueBuffer(device, slot.type(), elements, memory, 0), AbstractBuffer::close));
      }
    }
  }

  /** The arenas of all tensors: the engine's own, then those of what is lent. */
  List<Arena> arenas(StepPlan plan, List<QueueBinding> bindings) {
    List<Arena> all = new ArrayList<>(arenas);
    Map<Variant, List<Arena>> lent = new HashMap<>();
    for (TensorPlan tensor : plan.tensors()) {
      if (tensor.lentState()) {
        GroupPlan group = plan.groupOf(tensor);
        Variant variant = Variant.of(group, tensor.updates());
        List<QueueBuffer> state = bindings.get(tensor.index()).state();
        List<Arena> candidates = lent.computeIfAbsent(variant, any -> new ArrayList<>());
        Arena arena = candidates.stream().filter(candidate -> candidate.reaches(state)).findFirst().orElse(null);
        if (arena == null) {
          arena = new Arena(variant, group.slots());
          arena.buffers.addAll(state);
          candidates.add(arena);
          all.add(arena);
        }
        arena.tensors.add(tensor);
      }
    }
    return all;
  }

  /** Where kernels find a slot of a tensor, as the plan counts; {@link DeviceMemory#place}. */
  long place(QueueBinding binding, int slot) {
    if (binding.tensor().lentState()) {
      return binding.state().get(slot).place();
    }
    Place place = places.get(binding.tensor().index());
    QueueBuffer buffer = place.arena.buffers.get(slot);
    return buffer.memory().place(place.offset * buffer.type().bytes(), buffer.type().bytes());
  }

  /** The engine's own state tensor of a tensor, the same in every call; null where it keeps no such slot. */
  AbstractBuffer view(TensorPlan tensor, Slot slot) {
    Place place = places.get(tensor.index());
    for (int i = 0; i < place.views.length; i++) {
      if (place.arena.slots.get(i).slot() == slot) {
        if (place.views[i] == null) {
          place.views[i] = (AbstractBuffer) place.arena.buffers.get(i).slice(place.offset, tensor.length());
        }
        return place.views[i];
      }
    }
    return null;
  }
}
