package io.nlar.cpu;

import io.nlar.Slot;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * The state tensors of a step, in one piece of native memory: slot by slot, and in each slot tensor after tensor, so
 * that a pass over many small tensors still reads and writes a few long streams.
 */
final class StateMemory implements AutoCloseable {
  private static final long CACHE_LINE = 64;
  private static final long PAGE = 4096;

  private final CpuDevice device;
  private final StepPlan plan;
  private final NativeMemory memory;
  /** Where the slots start in the memory. */
  private final Map<Slot, Long> starts = new EnumMap<>(Slot.class);
  /** Where the tensors start in a slot; slots that the same tensors keep share one array. */
  private final Map<Slot, long[]> offsets = new EnumMap<>(Slot.class);
  /** Made when they are first asked for: of many small tensors they would take more memory than the state. */
  private final Map<Slot, CpuBuffer[]> buffers = new EnumMap<>(Slot.class);

  /** Allocates the state, zeroed. */
  StateMemory(CpuDevice device, StepPlan plan) {
    this.device = device;
    this.plan = plan;
    long bytes = 0;
    for (Slot slot : Slot.values()) {
      bytes = layOut(slot, bytes);
    }
    memory = device.holdings().allocate(bytes, "the state of " + plan.tensors().size() + " parameters");
  }

  /** Places the tensors that keep {@code slot} from {@code start} on and returns where the next slot starts. */
  private long layOut(Slot slot, long start) {
    long[] places = new long[plan.tensors().size()];
    long offset = 0;
    for (TensorPlan tensor : plan.tensors()) {
      if (keeps(tensor, slot)) {
        places[tensor.index()] = offset;
        offset = roundUp(Math.addExact(offset, bytes(tensor)), CACHE_LINE);
      }
    }
    if (offset > 0) {
      offsets.put(slot,
          offsets.values().stream().filter(known -> Arrays.equals(known, places)).findFirst().orElse(places));
    }
    starts.put(slot, start);
    return roundUp(Math.addExact(start, offset), PAGE);
  }

  private boolean keeps(TensorPlan tensor, Slot slot) {
    return plan.groupOf(tensor).config().slots().contains(slot);
  }

  private long bytes(TensorPlan tensor) {
    return Math.multiplyExact(tensor.length(), plan.groupOf(tensor).type().bytes());
  }

  private static long roundUp(long bytes, long unit) {
    return Math.addExact(bytes, unit - 1) / unit * unit;
  }

  /** The buffer of a tensor's slot, the same in every call; null where it keeps none. */
  CpuBuffer buffer(int index, Slot slot) {
    TensorPlan tensor = plan.tensors().get(index);
    if (!keeps(tensor, slot)) {
      return null;
    }
    CpuBuffer[] made = buffers.computeIfAbsent(slot, s -> new CpuBuffer[plan.tensors().size()]);
    if (made[index] == null) {
      MemorySegment segment = memory.segment().asSlice(offset(index, slot), bytes(tensor));
      made[index] = new CpuBuffer(device, plan.groupOf(tensor).type(), segment, null, null);
    }
    return made[index];
  }

  /** The address of a slot that a tensor keeps. */
  long address(int tensor, Slot slot) {
    return memory.address() + offset(tensor, slot);
  }

  /** Tensors without elements may be all that keep a slot: they start where it does. */
  private long offset(int tensor, Slot slot) {
    long[] places = offsets.get(slot);
    return starts.get(slot) + (places == null ? 0 : places[tensor]);
  }

  /** Closes the buffers and frees the memory. */
  @Override
  public void close() {
    for (CpuBuffer[] made : buffers.values()) {
      for (CpuBuffer buffer : made) {
        if (buffer != null) {
          buffer.close();
        }
      }
    }
    device.holdings().free(memory);
  }
}
