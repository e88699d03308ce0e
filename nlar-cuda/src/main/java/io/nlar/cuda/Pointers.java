package io.nlar.cuda;

import io.nlar.DeviceException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;

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

  /** A stream from its raw handle. JCuda has no constructor for that, so its field is set by reflection. */
  static CUstream stream(long handle) {
    CUstream stream = new CUstream();
    try {
      Field pointer = NativePointerObject.class.getDeclaredField("nativePointer");
      pointer.setAccessible(true);
      pointer.setLong(stream, handle);
    } catch (ReflectiveOperationException e) {
      throw new DeviceException(
          "this version of JCuda does not let a stream be made from a handle; give a CUstream", e);
    }
    return stream;
  }
}
