package io.nlar.cuda;

import io.nlar.spi.Extent;
import io.nlar.spi.queue.DeviceMemory;
import java.lang.foreign.MemorySegment;

/**
 * Memory of a GPU, by its address.
 *
 * @param address where it begins
 * @param shared the same memory as the host sees it; null where it does not
 * @param released how it is given back
 */
record GpuMemory(long address, MemorySegment shared, Runnable released) implements DeviceMemory {
  /** All device memory of a process is one address space. */
  private static final Object ADDRESS_SPACE = new Object();

  /** Memory of somebody else. */
  static GpuMemory lent(long address) {
    return new GpuMemory(address, null, () -> {});
  }

  @Override
  public long place(long offset, int elementBytes) {
    return address + offset;
  }

  @Override
  public boolean reachedThrough(DeviceMemory other) {
    return true;
  }

  @Override
  public boolean aligned(long offset, int bytes) {
    return (address + offset) % bytes == 0;
  }

  @Override
  public Extent extent(long offset, long bytes) {
    return new Extent(ADDRESS_SPACE, address + offset, bytes);
  }

  @Override
  public void release() {
    released.run();
  }
}
