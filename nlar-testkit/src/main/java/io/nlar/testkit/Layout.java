package io.nlar.testkit;

import io.nlar.DeviceInfo;

/** Where the values and gradients of a case lie. */
public enum Layout {
  /** Every tensor in an allocation of its own. */
  ALLOCATED,
  /** Slices of one allocation, from odd elements on, one element apart. */
  SLICED,
  /** Borrowed native memory, from odd elements on. */
  NATIVE,
  /** Borrowed Java arrays, from odd elements on. */
  HEAP,
  /** Values in Java arrays, gradients in native memory. */
  MIXED;

  /** Whether a device can run a case laid out so. */
  public boolean supportedBy(DeviceInfo device) {
    return switch (this) {
      case ALLOCATED, SLICED -> true;
      case NATIVE -> device.nativeMemory();
      case HEAP, MIXED -> device.heapMemory();
    };
  }
}
