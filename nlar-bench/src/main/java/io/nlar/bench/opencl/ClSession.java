package io.nlar.bench.opencl;

import io.nlar.DeviceException;
import io.nlar.DeviceInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

/**
 * A context and an in-order queue on a device that Nlar's OpenCL backend found, for kernels that are no steps. Used after
 * that backend was probed, which has loaded JOCL.
 */
final class ClSession implements AutoCloseable {
  private static final int GROUP = 256;
  /** Work-items of a GPU's launch take several elements each beyond this many. */
  private static final long MOST_WORK_ITEMS = 1L << 24;

  private final cl_device_id device;
  private final boolean cpu;
  private final cl_context context;
  private final cl_command_queue queue;
  private final List<Runnable> releases = new ArrayList<>();

  @SuppressWarnings("deprecation") // the newer call is not there in OpenCL 1.2
  ClSession(DeviceInfo info) {
    device = find(info);
    cpu = (number(device, CL.CL_DEVICE_TYPE) & CL.CL_DEVICE_TYPE_CPU) != 0;
    context = create(status ->
        CL.clCreateContext(new cl_context_properties(), 1, new cl_device_id[] {device}, null, null, status));
    releases.add(() -> CL.clReleaseContext(context));
    queue = create(status -> CL.clCreateCommandQueue(context, device, 0, status));
    releases.add(() -> CL.clReleaseCommandQueue(queue));
  }

  /** The device with exactly the names that Nlar shows; among several of one name, any: they are equally fast. */
  private static cl_device_id find(DeviceInfo info) {
    int[] count = new int[1];
    check(CL.clGetPlatformIDs(0, null, count));
    cl_platform_id[] platforms = new cl_platform_id[count[0]];
    check(CL.clGetPlatformIDs(platforms.length, platforms, null));
    for (cl_platform_id platform : platforms) {
      int status = CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count);
      if (status == CL.CL_DEVICE_NOT_FOUND || count[0] == 0) {
        continue;
      }
      check(status);
      cl_device_id[] devices = new cl_device_id[count[0]];
      check(CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, devices.length, devices, null));
      for (cl_device_id candidate : devices) {
        if (info.name().equals(text(candidate, CL.CL_DEVICE_NAME) + ", " + text(platform))) {
          return candidate;
        }
      }
    }
    throw new DeviceException("OpenCL does not list " + info.name() + " any more");
  }

  private static String text(cl_device_id device, int what) {
    long[] size = new long[1];
    check(CL.clGetDeviceInfo(device, what, 0, null, size));
    ByteBuffer bytes = answer(size[0]);
    check(CL.clGetDeviceInfo(device, what, size[0], Pointer.to(bytes), null));
    return text(bytes);
  }

  private static String text(cl_platform_id platform) {
    long[] size = new long[1];
    check(CL.clGetPlatformInfo(platform, CL.CL_PLATFORM_NAME, 0, null, size));
    ByteBuffer bytes = answer(size[0]);
    check(CL.clGetPlatformInfo(platform, CL.CL_PLATFORM_NAME, size[0], Pointer.to(bytes), null));
    return text(bytes);
  }

  /** Native memory for an answer: of a Java array some JVMs give native code a copy, and JOCL has it thrown away. */
  private static ByteBuffer answer(long bytes) {
    return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
  }

  private static String text(ByteBuffer bytes) {
    String text = StandardCharsets.UTF_8.decode(bytes).toString();
    int end = text.indexOf(0);
    return (end < 0 ? text : text.substring(0, end)).strip();
  }

  private static long number(cl_device_id device, int what) {
    ByteBuffer number = answer(Sizeof.cl_ulong);
    check(CL.clGetDeviceInfo(device, what, Sizeof.cl_ulong, Pointer.to(number), null));
    return number.getLong(0);
  }

  private static void check(int status) {
    if (status != CL.CL_SUCCESS) {
      throw new DeviceException("an OpenCL call failed: " + CL.stringFor_errorCode(status));
    }
  }

  private static <T> T create(Function<int[], T> call) {
    int[] status = new int[1];
    T created = call.apply(status);
    check(status[0]);
    return created;
  }

  /** A buffer whose 64-bit words are all {@code word}. */
  cl_mem buffer(long bytes, long word) {
    cl_mem memory = create(status -> CL.clCreateBuffer(context, CL.CL_MEM_READ_WRITE, bytes, null, status));
    releases.add(() -> CL.clReleaseMemObject(memory));
    check(CL.clEnqueueFillBuffer(queue, memory, Pointer.to(new long[] {word}), Sizeof.cl_ulong, 0, bytes, 0, null, null));
    finish();
    return memory;
  }

  /** Whether all 64-bit words at the start, at most 8 Ki of them, are {@code word}. */
  boolean holds(cl_mem memory, long bytes, long word) {
    long count = Math.min(bytes / Sizeof.cl_ulong, 8192);
    ByteBuffer words = answer(count * Sizeof.cl_ulong);
    check(CL.clEnqueueReadBuffer(queue, memory, true, 0, words.capacity(), Pointer.to(words), 0, null, null));
    return LongStream.range(0, count).allMatch(i -> words.getLong((int) i * Sizeof.cl_ulong) == word);
  }

  /** The program of this package. */
  cl_program program() {
    try (InputStream in = ClSession.class.getResourceAsStream("passes.cl")) {
      String source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      cl_program program =
          create(status -> CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, status));
      releases.add(() -> CL.clReleaseProgram(program));
      check(CL.clBuildProgram(program, 1, new cl_device_id[] {device}, cpu ? "-w -D CPU" : "-w", null, null));
      return program;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A kernel with its arguments: memory objects and 64-bit numbers. */
  cl_kernel kernel(cl_program program, String name, Object... arguments) {
    cl_kernel kernel = create(status -> CL.clCreateKernel(program, name, status));
    releases.add(() -> CL.clReleaseKernel(kernel));
    for (int i = 0; i < arguments.length; i++) {
      check(arguments[i] instanceof cl_mem memory
          ? CL.clSetKernelArg(kernel, i, Sizeof.cl_mem, Pointer.to(memory))
          : CL.clSetKernelArg(kernel, i, Sizeof.cl_ulong, Pointer.to(new long[] {(long) arguments[i]})));
    }
    return kernel;
  }

  /** Bytes of the kernels' words. */
  int wordBytes() {
    return cpu ? 64 : 16;
  }

  /** Enqueues a kernel over {@code words} words: a work-item a core on a CPU, up to one a word elsewhere. */
  void launch(cl_kernel kernel, long words) {
    long items = cpu
        ? number(device, CL.CL_DEVICE_MAX_COMPUTE_UNITS)
        : Math.ceilDiv(Math.min(words, MOST_WORK_ITEMS), GROUP) * GROUP;
    check(CL.clEnqueueNDRangeKernel(
        queue, kernel, 1, null, new long[] {items}, new long[] {cpu ? 1 : GROUP}, 0, null, null));
  }

  /** Enqueues the driver's copy. */
  void copy(cl_mem from, cl_mem to, long bytes) {
    check(CL.clEnqueueCopyBuffer(queue, from, to, 0, 0, bytes, 0, null, null));
  }

  /** Waits for everything enqueued. */
  void finish() {
    check(CL.clFinish(queue));
  }

  @Override
  public void close() {
    finish();
    releases.reversed().forEach(Runnable::run);
  }
}
