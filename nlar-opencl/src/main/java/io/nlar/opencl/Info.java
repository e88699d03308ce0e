package io.nlar.opencl;

import io.nlar.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_mem;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

/**
 * Reads what OpenCL tells of its objects, through native memory. Of a Java array some JVMs (and all under
 * {@code -Xcheck:jni}) give native code a copy, and JOCL has the copy thrown away: nothing would be read.
 */
final class Info {
  private Info() {}

  /** One of the {@code clGet…Info} functions, bound to an object. */
  private interface Query {
    int get(long size, Pointer value, long[] sizeReturned);
  }

  private static ByteBuffer bytes(Query query) {
    long[] size = new long[1];
    Cl.run("tell about an object", () -> query.get(0, null, size));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(size[0], Long.BYTES);
      if (size[0] > 0) {
        Cl.run("tell about an object", () -> query.get(size[0], CommandQueue.pointer(value), null));
      }
      return ByteBuffer.wrap(value.toArray(ValueLayout.JAVA_BYTE)).order(ByteOrder.nativeOrder());
    }
  }

  private static long number(ByteBuffer value) {
    if (value.capacity() < Integer.BYTES) {
      throw empty("a number");
    }
    return value.capacity() == Long.BYTES ? value.getLong(0) : value.getInt(0) & 0xffffffffL;
  }

  private static String text(ByteBuffer value) {
    String text = StandardCharsets.UTF_8.decode(value).toString();
    int end = text.indexOf(0);
    return (end < 0 ? text : text.substring(0, end)).strip();
  }

  /** A name or version; there is always one. */
  private static String present(String text) {
    if (text.isEmpty()) {
      throw empty("a name or version");
    }
    return text;
  }

  private static DeviceException empty(String wanted) {
    return new DeviceException("OpenCL answers without " + wanted + " when asked for one");
  }

  static String text(cl_platform_id platform, int what) {
    return present(text(
        bytes((size, value, returned) -> CL.clGetPlatformInfo(platform, what, size, value, returned))));
  }

  static String text(cl_device_id device, int what) {
    return present(text(bytes((size, value, returned) -> CL.clGetDeviceInfo(device, what, size, value, returned))));
  }

  static long number(cl_device_id device, int what) {
    return number(bytes((size, value, returned) -> CL.clGetDeviceInfo(device, what, size, value, returned)));
  }

  /** As {@link #number(cl_device_id, int)}, or {@code otherwise} where the device does not know the question. */
  static long number(cl_device_id device, int what, long otherwise) {
    try {
      return number(device, what);
    } catch (DeviceException e) {
      return otherwise;
    }
  }

  static long number(cl_context context, int what) {
    return number(bytes((size, value, returned) -> CL.clGetContextInfo(context, what, size, value, returned)));
  }

  static long number(cl_mem memory, int what) {
    return number(bytes((size, value, returned) -> CL.clGetMemObjectInfo(memory, what, size, value, returned)));
  }

  static long number(cl_command_queue queue, int what) {
    return number(bytes((size, value, returned) -> CL.clGetCommandQueueInfo(queue, what, size, value, returned)));
  }

  /** The handles of a context's devices. */
  static long[] devices(cl_context context) {
    return longs(bytes(
        (size, pointer, returned) -> CL.clGetContextInfo(context, CL.CL_CONTEXT_DEVICES, size, pointer, returned)));
  }

  private static long[] longs(ByteBuffer value) {
    long[] longs = new long[value.capacity() / Long.BYTES];
    value.asLongBuffer().get(longs);
    return longs;
  }

  /** The compiled form of a program that was built for one device, whatever others its context has; empty if none. */
  static byte[] binary(cl_program program) {
    long[] sizes = longs(bytes((size, value, returned) ->
        CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARY_SIZES, size, value, returned)));
    // All come in one call. Some drivers list devices that the program was not built for, with a size of 0.
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment[] binaries = new MemorySegment[sizes.length];
      Pointer[] pointers = new Pointer[sizes.length];
      for (int i = 0; i < sizes.length; i++) {
        binaries[i] = arena.allocate(sizes[i]);
        pointers[i] = sizes[i] == 0 ? null : CommandQueue.pointer(binaries[i]);
      }
      Cl.run("read a program's binary", () -> CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARIES,
          (long) pointers.length * Sizeof.POINTER, Pointer.to(pointers), null));
      return Arrays.stream(binaries).filter(binary -> binary.byteSize() > 0).findFirst()
          .map(binary -> binary.toArray(ValueLayout.JAVA_BYTE)).orElse(new byte[0]);
    }
  }

  static String buildLog(cl_program program, cl_device_id device) {
    return text(bytes((size, value, returned) ->
        CL.clGetProgramBuildInfo(program, device, CL.CL_PROGRAM_BUILD_LOG, size, value, returned)));
  }
}
