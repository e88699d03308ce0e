package io.nlar;

import java.util.Set;

/**
 * A device as its backend describes it.
 *
 * @param backend name of the backend, for example {@code cpu}
 * @param index number of the device within the backend, from 0
 * @param name for people, for example the processor's name
 * @param memoryBytes memory that buffers can take in all
 * @param types element types that steps on it can have
 * @param hostMemory whether the device works on host memory in place, so that {@link Device#wrap(DType,
 *     java.lang.foreign.MemorySegment)} is free of copies
 */
public record DeviceInfo(
    String backend, int index, String name, long memoryBytes, Set<DType> types, boolean hostMemory) {
  public DeviceInfo {
    types = Set.copyOf(types);
  }

  /** What {@link Backends#open(String)} takes to open this device, for example {@code opencl:1}. */
  public String selector() {
    return backend + ":" + index;
  }
}
