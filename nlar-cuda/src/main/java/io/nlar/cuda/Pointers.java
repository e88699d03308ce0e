package io.nlar.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/** Between JCuda's pointer objects and plain addresses. */
final class Pointers {
  private Pointers() {}

  /** A device pointer whose address can be read. */
  static final class Allocation extends CUdeviceptr {
    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  /** A pointer to an address of the device. */
  static CUdeviceptr device(long address) {
    return new CUdeviceptr().withByteOffset(address);
  }

  /** Memory that the driver has allocated on the host. */
  static MemorySegment host(Pointer pinned, long bytes) {
    return MemorySegment.ofBuffer(pinned.getByteBuffer(0, bytes));
  }

  /** A pointer to native memory of the host, of at most 2 GiB. */
  static Pointer host(MemorySegment memory) {
    return Pointer.to(memory.asByteBuffer());
  }
}
