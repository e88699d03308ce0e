package io.nlar.cuda;

import io.nlar.DeviceException;
import java.lang.reflect.Field;
import jcuda.NativePointerObject;
import jcuda.driver.CUstream;

/** Streams from raw handles. JCuda has no constructor for that, so its field is set by reflection. */
final class StreamHandle {
  private StreamHandle() {}

  static CUstream of(long handle) {
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
