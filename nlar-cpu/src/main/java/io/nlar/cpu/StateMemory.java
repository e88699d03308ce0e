package io.nlar.cpu;

import io.nlar.Slot;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/**
 * The state tensors of a step, in one piece of native memory: slot by slot, and in each slot tensor after tensor, so
 * that a pass over many small tensors still reads and writes a few long streams.
 */
final class StateMemory implements AutoCloseable {
  private static final long CACHE_LINE = 64;
  private static final long PAGE = 4096;

  private final Holdings holdings;
  private final NativeMemory memory;
  private final Map<Slot, CpuBuffer[]> slots = new EnumMap<>(Slot.class);

  /** Allocates the state, zeroed. */
  StateMemory(CpuDevice device, StepPlan plan) {
    holdings = device.holdings();
    long bytes = 0;
    for (Slot slot : Slot.values()) {
      bytes = layOut(plan, slot, bytes, (tensor, start) -> {});
    }
    memory = holdings.allocate(bytes, "the state of " + plan.tensors().size() + " parameters");
    long start = 0;
    for (Slot slot : Slot.values()) {
      CpuBuffer[] buffers = new CpuBuffer[plan.tensors().size()];
      start = layOut(plan, slot, start, (tensor, offset) -> {
        GroupPlan group = plan.groupOf(tensor);
        MemorySegment segment = memory.segment().asSlice(offset, tensor.length() * group.type().bytes());
        buffers[tensor.index()] = new CpuBuffer(device, group.type(), segment, null, null);
      });
      slots.put(slot, buffers);
    }
  }

  private interface Place {
    void accept(TensorPlan tensor, long offset);
  }

  /** Places the tensors that keep {@code slot} from {@code start} on and returns where the next slot starts. */
  private static long layOut(StepPlan plan, Slot slot, long start, Place place) {
    long offset = start;
    for (TensorPlan tensor : plan.tensors()) {
      GroupPlan group = plan.groupOf(tensor);
      if (group.config().slots().contains(slot)) {
        place.accept(tensor, offset);
        offset = roundUp(Math.addExact(offset, Math.multiplyExact(tensor.length(), group.type().bytes())), CACHE_LINE);
      }
    }
    return roundUp(offset, PAGE);
  }

  private static long roundUp(long bytes, long unit) {
    return Math.addExact(bytes, unit - 1) / unit * unit;
  }

  /** The buffer of a tensor's slot; null where it keeps none. */
  CpuBuffer buffer(int tensor, Slot slot) {
    return slots.get(slot)[tensor];
  }

  /** The memory of a tensor's slot; null where it keeps none. */
  MemorySegment segment(int tensor, Slot slot) {
    CpuBuffer buffer = buffer(tensor, slot);
    return buffer == null ? null : buffer.segment();
  }

  /** Closes the buffers and frees the memory. */
  @Override
  public void close() {
    for (CpuBuffer[] buffers : slots.values()) {
      for (CpuBuffer buffer : buffers) {
        if (buffer != null) {
          buffer.close();
        }
      }
    }
    holdings.free(memory);
  }
}
