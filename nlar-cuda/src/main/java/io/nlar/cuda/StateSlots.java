package io.nlar.cuda;

import io.nlar.Slot;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The state tensors of a step: one allocation, in which every tensor begins on a boundary of 256 bytes. */
final class StateSlots {
  private final CudaDevice device;
  private final long base;
  private final List<Map<Slot, CudaBuffer>> slots = new ArrayList<>();

  StateSlots(CudaDevice device, StepPlan plan) {
    this.device = device;
    long bytes = 0;
    for (TensorPlan tensor : plan.tensors()) {
      GroupPlan group = plan.groupOf(tensor);
      bytes += group.config().slots().size() * slotBytes(group, tensor);
    }
    base = bytes == 0 ? 0 : device.zeroed(bytes, "the state of " + plan.tensors().size() + " parameters");
    long address = base;
    for (TensorPlan tensor : plan.tensors()) {
      GroupPlan group = plan.groupOf(tensor);
      Map<Slot, CudaBuffer> own = new EnumMap<>(Slot.class);
      for (Slot slot : group.config().slots()) {
        own.put(slot, CudaBuffer.borrowed(device, group.type(), tensor.length(), address));
        address += slotBytes(group, tensor);
      }
      slots.add(own);
    }
  }

  private static long slotBytes(GroupPlan group, TensorPlan tensor) {
    return Table.aligned(Math.multiplyExact(tensor.length(), (long) group.type().bytes()));
  }

  /** The buffer of a slot; null where there is none. */
  CudaBuffer buffer(int tensor, Slot slot) {
    return slots.get(tensor).get(slot);
  }

  /** The address of a slot; 0 where there is none. */
  long address(int tensor, Slot slot) {
    CudaBuffer buffer = buffer(tensor, slot);
    return buffer == null ? 0 : buffer.address();
  }

  void close() {
    slots.forEach(own -> own.values().forEach(CudaBuffer::close));
    if (base != 0) {
      device.driver().free(base);
    }
  }
}
