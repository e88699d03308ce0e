package io.nlar;

import java.util.Objects;
import java.util.Set;

/**
 * A device as its backend describes it.
 *
 * @param backend name of the backend, for example {@code cpu}
 * @param index number of the device within the backend, from 0
 * @param name for people, for example the processor's name
 * @param memoryBytes memory that buffers can take in all; {@link Long#MAX_VALUE} where the system does not tell
 * @param types element types that steps on it can have
 * @param hostMemory which host memory the device works on in place, so that it can be wrapped without a copy
 * @param kernels for people, which kernels run, for example their vectors' width; empty where there is no choice
 */
public record DeviceInfo(
    String backend, int index, String name, long memoryBytes, Set<DType> types, HostMemory hostMemory, String kernels) {

  /** What host memory {@link Device#wrap(DType, java.lang.foreign.MemorySegment)} takes. */
  public enum HostMemory {
    /** None: the device has memory of its own. */
    NONE,
    /** Native segments. */
    NATIVE,
    /** Native segments, and heap segments over Java arrays. */
    NATIVE_AND_HEAP
  }

  public DeviceInfo {
    types = Set.copyOf(types);
    Objects.requireNonNull(kernels, "kernels");
  }

  /** A device whose backend has no choice of kernels. */
  public DeviceInfo(
      String backend, int index, String name, long memoryBytes, Set<DType> types, HostMemory hostMemory) {
    this(backend, index, name, memoryBytes, types, hostMemory, "");
  }

  /** Whether native segments can be wrapped. */
  public boolean nativeMemory() {
    return hostMemory != HostMemory.NONE;
  }

  /** Whether segments over Java arrays can be wrapped. */
  public boolean heapMemory() {
    return hostMemory == HostMemory.NATIVE_AND_HEAP;
  }

  /** What {@link Backends#open(String)} takes to open this device, for example {@code opencl:1}. */
  public String selector() {
    return backend + ":" + index;
  }
}
