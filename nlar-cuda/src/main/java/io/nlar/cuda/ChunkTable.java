package io.nlar.cuda;

import io.nlar.DType;
import io.nlar.spi.Binding;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which thread block works on which elements: one entry (tensor, number of the chunk in it) a chunk. Chunks lie sorted
 * by element type, and within it by kernel variant, so that each launch takes a contiguous range. Behind the variants
 * of a type stands one entry for each tensor that nothing updates (empty, or without gradient): the reduction writes
 * its sum, +0.
 */
final class ChunkTable {
  static final Struct CHUNK = new Struct("Chunk");
  private static final Struct.Field TENSOR = CHUNK.word("tensor");
  private static final Struct.Field NUMBER = CHUNK.word("number");

  /** Bytes of an entry in device memory. */
  static final int ENTRY_BYTES = CHUNK.bytes();

  /** The chunks of one launch. */
  record Range(int first, int count) {}

  private final List<TensorPlan> order = new ArrayList<>();
  private final List<Long> chunksOf = new ArrayList<>();
  private final Map<Variant, Range> updates = new LinkedHashMap<>();
  private final Map<DType, Range> sums = new LinkedHashMap<>();
  private long chunks;

  ChunkTable(StepPlan plan, List<Binding> bindings) {
    for (DType type : DType.values()) {
      List<TensorPlan> idle = new ArrayList<>();
      Map<Variant, List<TensorPlan>> busy = new LinkedHashMap<>();
      for (TensorPlan tensor : plan.tensors()) {
        if (plan.groupOf(tensor).type() == type) {
          boolean updated = tensor.length() > 0 && bindings.get(tensor.index()).gradient() != null;
          (updated ? busy.computeIfAbsent(Variant.of(plan.groupOf(tensor)), v -> new ArrayList<>()) : idle).add(tensor);
        }
      }
      long first = chunks;
      busy.forEach((variant, tensors) -> updates.put(variant, append(tensors, false)));
      append(idle, true);
      if (chunks > first) {
        sums.put(type, range(first));
      }
    }
  }

  private Range append(List<TensorPlan> tensors, boolean idle) {
    long first = chunks;
    for (TensorPlan tensor : tensors) {
      long count = idle ? 1 : LaunchShape.parts(tensor.length(), LaunchShape.CHUNK);
      order.add(tensor);
      chunksOf.add(count);
      chunks += count;
    }
    return range(first);
  }

  private Range range(long first) {
    return new Range(Math.toIntExact(first), Math.toIntExact(chunks - first));
  }

  /** The most entries that a plan can have, whatever is bound. */
  static long capacity(StepPlan plan) {
    return plan.tensors().stream().mapToLong(tensor -> LaunchShape.parts(tensor.length(), LaunchShape.CHUNK)).sum();
  }

  /** The range of each apply launch; variants without work are absent. */
  Map<Variant, Range> updates() {
    return updates;
  }

  /** The range of each reduction launch. */
  Map<DType, Range> sums() {
    return sums;
  }

  /** Number of entries. */
  long chunks() {
    return chunks;
  }

  void write(MemorySegment table) {
    long at = 0;
    for (int i = 0; i < order.size(); i++) {
      for (int number = 0; number < chunksOf.get(i); number++) {
        TENSOR.setInt(table, at, order.get(i).index());
        NUMBER.setInt(table, at, number);
        at += ENTRY_BYTES;
      }
    }
  }
}
