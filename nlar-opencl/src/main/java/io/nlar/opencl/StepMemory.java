package io.nlar.opencl;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Step;
import io.nlar.spi.StepPlan;
import java.lang.foreign.MemorySegment;

/** Memory of a step beside its state: sums, control block, settings, and what work-groups leave for each other. */
final class StepMemory {
  private final Resources resources = new Resources();
  private final OpenClDevice device;
  private final OpenClBuffer sums;
  private final OpenClBuffer control;
  private final MemoryObject settings;
  private final MemoryObject blockSums;
  private final MemoryObject partSums;
  private final MemoryObject scratch;
  private final MemoryObject arrivals;
  private final MemoryObject ends;
  private final MemoryObject refused;
  private final long arrivalBytes;

  StepMemory(OpenClDevice device, StepPlan plan) {
    this.device = device;
    long tensors = plan.tensors().size();
    long blocks = LaunchPlan.blocks(plan);
    long parts = LaunchPlan.parts(plan);
    try {
      sums = buffer(tensors + 1);
      control = buffer(Control.LENGTH);
      settings = resources.upload(device, MemorySegment.ofArray(GroupTable.encode(plan.groups())));
      blockSums = resources.allocate(device, blocks * Double.BYTES);
      partSums = resources.allocate(device, parts * Double.BYTES);
      scratch = resources.allocate(device, (Math.max(tensors / Mapping.BLOCK, parts) + 64) * Double.BYTES);
      arrivalBytes = (parts + 1) * Integer.BYTES;
      arrivals = resources.allocate(device, arrivalBytes);
      ends = resources.allocate(device, Integer.BYTES);
      refused = resources.allocate(device, 2L * Step.REMEMBERED_TICKETS * Long.BYTES);
      zero(arrivals, arrivalBytes);
      zero(ends, Integer.BYTES);
      zero(refused, 2L * Step.REMEMBERED_TICKETS * Long.BYTES);
    } catch (Throwable failure) {
      resources.releaseAfter(failure);
      throw failure;
    }
  }

  private OpenClBuffer buffer(long length) {
    OpenClBuffer buffer = device.zeroed(DType.FLOAT64, length);
    resources.add(buffer::close);
    return buffer;
  }

  private void zero(MemoryObject memory, long bytes) {
    device.queue().fill(memory.handle(), 0, bytes, new byte[Integer.BYTES]);
  }

  /** Forgets which work-groups have arrived, after a reduction that was enqueued in part. */
  void resetArrivals() {
    zero(arrivals, arrivalBytes);
  }

  /** Takes over changed settings, behind what is enqueued. */
  void configure(StepPlan plan) {
    device.queue().write(settings.handle(), 0, MemorySegment.ofArray(GroupTable.encode(plan.groups())));
  }

  /** The tensor that a ticket was refused for, or −1. Waits. */
  int offender(long ticket) {
    long[] entry = new long[2];
    long slot = ticket % Step.REMEMBERED_TICKETS;
    device.queue().read(refused.handle(), slot * 2 * Long.BYTES, MemorySegment.ofArray(entry));
    return entry[0] == ticket ? (int) entry[1] : -1;
  }

  OpenClBuffer sums() {
    return sums;
  }

  OpenClBuffer control() {
    return control;
  }

  MemoryObject settings() {
    return settings;
  }

  MemoryObject blockSums() {
    return blockSums;
  }

  MemoryObject partSums() {
    return partSums;
  }

  MemoryObject scratch() {
    return scratch;
  }

  /** Counters of the reduction: one for the launch, one for each part. */
  MemoryObject arrivals() {
    return arrivals;
  }

  /** The counter of apply. */
  MemoryObject ends() {
    return ends;
  }

  /** The latest refused tickets, with the tensor to blame. */
  MemoryObject refused() {
    return refused;
  }

  void release() {
    resources.release();
  }
}
