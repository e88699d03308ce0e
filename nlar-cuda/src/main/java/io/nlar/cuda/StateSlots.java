package io.nlar.cuda;

import io.nlar.Slot;
import io.nlar.spi.SlotPlan;
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
  /** Of each tensor its buffers, in the order of the plan, and the same by name. */
  private final List<List<CudaBuffer>> buffers = new ArrayList<>();
  private final List<Map<Slot, CudaBuffer>> named = new ArrayList<>();

  StateSlots(CudaDevice device, StepPlan plan) {
    this.device = device;
    long bytes = 0;
    for (TensorPlan tensor : plan.tensors()) {
      for (SlotPlan slot : plan.groupOf(tensor).slots()) {
        bytes += bytes(slot, tensor);
      }
    }
    base = bytes == 0 ? 0 : device.zeroed(bytes, "the state of " + plan.tensors().size() + " parameters");
    long address = base;
    for (TensorPlan tensor : plan.tensors()) {
      List<CudaBuffer> own = new ArrayList<>();
      Map<Slot, CudaBuffer> ownNamed = new EnumMap<>(Slot.class);
      for (SlotPlan slot : plan.groupOf(tensor).slots()) {
        own.add(CudaBuffer.borrowed(device, slot.type(), tensor.length(), address));
        ownNamed.put(slot.slot(), own.getLast());
        address += bytes(slot, tensor);
      }
      buffers.add(own);
      named.add(ownNamed);
    }
  }

  private static long bytes(SlotPlan slot, TensorPlan tensor) {
    return Table.aligned(Math.multiplyExact(tensor.length(), (long) slot.type().bytes()));
  }

  /** The buffer of a slot; null where there is none. */
  CudaBuffer buffer(int tensor, Slot slot) {
    return named.get(tensor).get(slot);
  }

  /** The address of a tensor's slot {@code slot}, as the plan counts. */
  long address(int tensor, int slot) {
    return buffers.get(tensor).get(slot).address();
  }

  void close() {
    buffers.forEach(own -> own.forEach(CudaBuffer::close));
    if (base != 0) {
      device.driver().free(base);
    }
  }
}
