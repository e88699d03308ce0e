package io.nlar.opencl;

import io.nlar.DeviceMemoryException;

/**
 * The limits of a device's memory. Drivers enforce their own only by chance: one on a CPU hands out what the system
 * later cannot back, and the process is killed.
 */
final class MemoryBudget {
  private final long largestBuffer;
  private final long limit;
  private long taken;

  MemoryBudget(DeviceFacts facts) {
    this.largestBuffer = facts.largestBuffer();
    this.limit = facts.memory();
  }

  long largestBuffer() {
    return largestBuffer;
  }

  /** Refuses what no single buffer may have. */
  void checkSize(long bytes, String what) {
    if (bytes > largestBuffer) {
      throw new DeviceMemoryException(what + " takes " + bytes + " bytes, which is beyond this device's largest buffer, "
          + largestBuffer + " bytes (CL_DEVICE_MAX_MEM_ALLOC_SIZE); use several smaller ones");
    }
  }

  /** Takes memory of the device's own. */
  synchronized void take(long bytes, String what) {
    checkSize(bytes, what);
    if (bytes > limit - taken) {
      throw new DeviceMemoryException(what + " takes " + bytes + " bytes, which do not fit: " + taken + " of this device's "
          + limit + " bytes (CL_DEVICE_GLOBAL_MEM_SIZE) are taken; close buffers or steps, or use smaller ones");
    }
    taken += bytes;
  }

  synchronized long taken() {
    return taken;
  }

  synchronized void give(long bytes) {
    taken -= bytes;
  }
}
