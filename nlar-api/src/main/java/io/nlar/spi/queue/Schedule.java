package io.nlar.spi.queue;

import io.nlar.DType;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which launches a step takes over the buffers that are bound, and the table of chunks that they share: one entry (tensor,
 * number of the chunk in it) a chunk. Chunks lie sorted by the gradients' type, and within it by arena of the state, so that each
 * launch takes a contiguous range: a reduction all of a type, an update all of an arena, as far as a launch can be given
 * the memory objects. Behind them stands one entry for each tensor that nothing updates (empty, or without gradient): the
 * reduction writes its sum, +0.
 */
final class Schedule {

  /** A reduction launch. */
  record Sums(DType gradient, Part part) {}

  /** An update launch. */
  record Apply(Variant variant, Part part) {}

  /** A launch that still grows. */
  private final class Open {
    final StateLayout.Arena arena;
    final int first = chunks;
    final List<DeviceMemory> values = new ArrayList<>();
    final List<DeviceMemory> gradients;

    Open(StateLayout.Arena arena, List<DeviceMemory> gradients) {
      this.arena = arena;
      this.gradients = gradients;
    }

    Part close() {
      return new Part(first, chunks - first, values, gradients, arena == null ? List.of() : arena.memory(),
          chunk -> elements(first + chunk));
    }
  }

  private final Kernels kernels;
  private final StepPlan plan;
  private final List<Sums> sums = new ArrayList<>();
  private final List<Apply> updates = new ArrayList<>();
  private final int[] objects;
  private int[] tensorOf = new int[16];
  private int[] numberOf = new int[16];
  private int chunks;

  Schedule(StepPlan plan, List<QueueBinding> bindings, StateLayout state, Kernels kernels) {
    this.kernels = kernels;
    this.plan = plan;
    this.objects = new int[plan.tensors().size()];
    List<StateLayout.Arena> arenas = state.arenas(plan, bindings);
    Map<DType, List<TensorPlan>> idle = new HashMap<>();
    for (TensorPlan tensor : plan.tensors()) {
      if (!bindings.get(tensor.index()).busy()) {
        idle.computeIfAbsent(plan.groupOf(tensor).storage().gradient(), type -> new ArrayList<>()).add(tensor);
      }
    }
    for (DType type : DType.values()) {
      lay(type, arenas, idle.getOrDefault(type, List.of()), bindings);
    }
    if (updates.isEmpty()) {
      // Nothing to update, but the step is counted.
      updates.add(new Apply(arenas.getFirst().variant, new Open(arenas.getFirst(), List.of()).close()));
    }
  }

  private void lay(DType type, List<StateLayout.Arena> arenas, List<TensorPlan> idle, List<QueueBinding> bindings) {
    Open reduction = null;
    Open update = null;
    for (StateLayout.Arena arena : arenas) {
      if (arena.variant.storage().gradient() == type) {
        for (TensorPlan tensor : arena.tensors) {
          QueueBinding binding = bindings.get(tensor.index());
          if (binding.busy()) {
            DeviceMemory value = binding.value().memory();
            DeviceMemory gradient = binding.gradient().memory();
            if (reduction == null || !takes(reduction.gradients, gradient)) {
              end(update);
              end(type, reduction);
              reduction = new Open(null, new ArrayList<>());
              update = null;
            }
            DeviceMemory target = binding.target().memory();
            if (update == null || update.arena != arena || !takes(update.values, value, target)) {
              end(update);
              update = new Open(arena, reduction.gradients);
            }
            objects[tensor.index()] = index(update.values, value) << StepTables.VALUE_OBJECT_SHIFT
                | index(update.values, target) << StepTables.TARGET_OBJECT_SHIFT
                | index(reduction.gradients, gradient) << StepTables.GRADIENT_OBJECT_SHIFT;
            append(tensor, Math.ceilDiv(tensor.length(), (long) kernels.chunk()));
          }
        }
      }
    }
    end(update);
    if (reduction == null && !idle.isEmpty()) {
      reduction = new Open(null, List.of());
    }
    idle.forEach(tensor -> append(tensor, 1));
    end(type, reduction);
  }

  private boolean takes(List<DeviceMemory> given, DeviceMemory memory) {
    return given.size() < kernels.objects() || given.stream().anyMatch(memory::reachedThrough);
  }

  /** Whether there is room for a value and what is written, which are one where the value is. */
  private boolean takes(List<DeviceMemory> given, DeviceMemory value, DeviceMemory target) {
    return takes(given, value)
        && (target.reachedThrough(value) || given.size() + 1 < kernels.objects() || takes(given, target));
  }

  private static int index(List<DeviceMemory> given, DeviceMemory memory) {
    for (int i = 0; i < given.size(); i++) {
      if (memory.reachedThrough(given.get(i))) {
        return i;
      }
    }
    given.add(memory);
    return given.size() - 1;
  }

  private void end(Open update) {
    if (update != null) {
      updates.add(new Apply(update.arena.variant, update.close()));
    }
  }

  private void end(DType type, Open reduction) {
    if (reduction != null) {
      sums.add(new Sums(type, reduction.close()));
    }
  }

  private void append(TensorPlan tensor, long count) {
    int end = Math.toIntExact(chunks + count);
    if (end > tensorOf.length) {
      int room = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(end, 2L * tensorOf.length));
      tensorOf = Arrays.copyOf(tensorOf, room);
      numberOf = Arrays.copyOf(numberOf, room);
    }
    for (int number = 0; number < count; number++) {
      tensorOf[chunks + number] = tensor.index();
      numberOf[chunks + number] = number;
    }
    chunks = end;
  }

  private int elements(int chunk) {
    long length = plan.tensors().get(tensorOf[chunk]).length();
    return (int) Math.min(kernels.chunk(), length - (long) numberOf[chunk] * kernels.chunk());
  }

  /** The most chunks that a plan can have, whatever is bound. */
  static long capacity(StepPlan plan, int chunk) {
    return plan.tensors().stream().mapToLong(tensor -> SumTree.parts(tensor.length(), chunk)).sum();
  }

  /** The reduction launches, in order. */
  List<Sums> sums() {
    return sums;
  }

  /** The update launches, in the order of their chunks. */
  List<Apply> updates() {
    return updates;
  }

  /** Number of chunks. */
  int chunks() {
    return chunks;
  }

  /** Which of its launch's memory objects a tensor takes, as its flags say it. */
  int objects(TensorPlan tensor) {
    return objects[tensor.index()];
  }

  /** Writes the table of chunks. */
  void write(MemorySegment table) {
    for (int i = 0; i < chunks; i++) {
      long at = (long) i * StepTables.CHUNK.bytes();
      StepTables.CHUNK_TENSOR.setInt(table, at, tensorOf[i]);
      StepTables.CHUNK_NUMBER.setInt(table, at, numberOf[i]);
    }
  }
}
