package io.nlar.cuda;

import io.nlar.DType;
import io.nlar.spi.AbstractBuffer;
import io.nlar.spi.Extent;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of a CUDA device, by its address. */
final class CudaBuffer extends AbstractBuffer {
  /** All device memory of a process is one address space. */
  private static final Object ADDRESS_SPACE = new Object();
  /** Bytes of a pattern that are copied from the host before the device doubles them. */
  private static final long PATTERN_BYTES = 1 << 12;

  private final CudaDevice device;
  private final long address;
  private final boolean owned;

  private CudaBuffer(CudaDevice device, DType type, long length, long address, boolean owned, CudaBuffer parent) {
    super(device, type, length, parent);
    this.device = device;
    this.address = address;
    this.owned = owned;
  }

  /** Memory that is freed with the buffer. */
  static CudaBuffer owned(CudaDevice device, DType type, long length, long address) {
    return new CudaBuffer(device, type, length, address, true, null);
  }

  /** Memory of someone else. */
  static CudaBuffer borrowed(CudaDevice device, DType type, long length, long address) {
    return new CudaBuffer(device, type, length, address, false, null);
  }

  /** Address of the first element. */
  long address() {
    return address;
  }

  @Override
  protected AbstractBuffer newSlice(long offset, long length) {
    return new CudaBuffer(device, type(), length, address + offset * type().bytes(), false, this);
  }

  @Override
  protected void write(MemorySegment host) {
    device.driver().toDevice(address, host);
  }

  @Override
  protected void read(MemorySegment host) {
    device.driver().toHost(address, host);
  }

  @Override
  public void fill(double value) {
    checkOpen();
    if (length() == 0) {
      return;
    }
    if (Double.doubleToRawLongBits(value) == 0) {
      device.driver().zero(address, byteSize());
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pattern = arena.allocate(Math.min(byteSize(), PATTERN_BYTES), Double.BYTES);
      for (long i = 0; i < pattern.byteSize() / type().bytes(); i++) {
        type().set(pattern, i, value);
      }
      repeat(pattern);
    }
  }

  /** Fills the buffer with a pattern, over and over; its last repetition may be cut. */
  void repeat(MemorySegment pattern) {
    device.driver().toDevice(address, pattern);
    for (long filled = pattern.byteSize(), more; filled < byteSize(); filled += more) {
      more = Math.min(filled, byteSize() - filled);
      device.driver().copy(address + filled, address, more);
    }
  }

  @Override
  protected void release() {
    if (owned && address != 0) {
      device.driver().free(address);
    }
  }

  @Override
  public Extent extent() {
    return new Extent(ADDRESS_SPACE, address, byteSize());
  }
}
