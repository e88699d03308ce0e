package io.nlar.cuda;

import io.nlar.BufferException;
import io.nlar.DeviceException;
import io.nlar.DeviceMemoryException;
import io.nlar.DeviceUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUpointer_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** A GPU through JCuda's driver API: its primary context and one stream. */
final class GpuDriver implements Driver {
  private final int ordinal;
  private final GpuContext context;
  private final CUstream stream;
  private final StreamCapture capture;
  private final boolean ownsStream;
  private final Map<Long, Pointers.Allocation> allocations = new HashMap<>();
  private final Map<Long, Pointer> shared = new HashMap<>();
  private final Map<String, CUmodule> modules = new HashMap<>();
  private PinnedStaging staging;

  private GpuDriver(int ordinal, GpuContext context, CUstream stream, boolean ownsStream) {
    this.ordinal = ordinal;
    this.context = context;
    this.stream = stream;
    this.capture = new StreamCapture(stream);
    this.ownsStream = ownsStream;
  }

  /** A GPU on a stream of its own, which does not wait for the default stream. */
  static GpuDriver withOwnStream(int ordinal) {
    GpuContext context = new GpuContext(ordinal);
    try {
      context.enter();
      try {
        CUstream stream = new CUstream();
        CudaErrors.check(
            JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "creating a stream");
        return new GpuDriver(ordinal, context, stream, true);
      } finally {
        context.leave();
      }
    } catch (Throwable failure) {
      context.close();
      throw failure;
    }
  }

  /** A GPU on the caller's stream. */
  static GpuDriver onStream(int ordinal, CUstream stream) {
    GpuContext context = new GpuContext(ordinal);
    try {
      context.enter();
      try {
        CUcontext home = new CUcontext();
        CudaErrors.check(JCudaDriver.cuStreamGetCtx(stream, home), "asking for the stream's context");
        if (!context.is(home)) {
          throw new DeviceUnavailableException("the stream does not belong to the primary context of GPU " + ordinal
              + "; make it with the CUDA runtime, or in the context of cuDevicePrimaryCtxRetain");
        }
        return new GpuDriver(ordinal, context, stream, false);
      } finally {
        context.leave();
      }
    } catch (Throwable failure) {
      context.close();
      throw failure;
    }
  }

  @Override
  public long allocate(long bytes, String what) {
    context.enter();
    try {
      Pointers.Allocation allocation = new Pointers.Allocation();
      int result = allocate(allocation, bytes);
      if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
        long[] free = new long[1];
        long[] total = new long[1];
        JCudaDriver.cuMemGetInfo(free, total);
        throw new DeviceMemoryException("cuda:" + ordinal + " has not enough memory for " + what + ": " + size(bytes)
            + " asked for, " + size(free[0]) + " of " + size(total[0])
            + " free; close what is not used, use fewer parameters a device, or another device");
      }
      CudaErrors.check(result, "allocating " + size(bytes) + " for " + what);
      allocations.put(allocation.address(), allocation);
      return allocation.address();
    } finally {
      context.leave();
    }
  }

  /** With JCuda's exceptions switched on, by whoever else uses it in this process, too. */
  private static int allocate(Pointers.Allocation allocation, long bytes) {
    try {
      return JCudaDriver.cuMemAlloc(allocation, bytes);
    } catch (CudaException e) {
      if (String.valueOf(e.getMessage()).contains("OUT_OF_MEMORY")) {
        return CUresult.CUDA_ERROR_OUT_OF_MEMORY;
      }
      throw e;
    }
  }

  private static String size(long bytes) {
    return bytes + " bytes (" + Math.round(bytes / (double) (1 << 20)) + " MiB)";
  }

  @Override
  public void free(long address) {
    Pointers.Allocation allocation = allocations.remove(address);
    context.enter();
    try {
      released(JCudaDriver.cuMemFree(allocation));
    } finally {
      context.leave();
    }
  }

  /** After a failure of the GPU, which its step reports, the driver refuses to free anything: closing goes on. */
  private static void released(int result) {
    if (result != CUresult.CUDA_SUCCESS) {
      System.getLogger(GpuDriver.class.getName())
          .log(System.Logger.Level.WARNING, "memory was not freed: " + CudaErrors.describe(result));
    }
  }

  @Override
  public void checkAddress(long address, long bytes) {
    context.enter();
    try {
      ByteBuffer home = ByteBuffer.allocateDirect(Integer.BYTES).order(ByteOrder.nativeOrder());
      int result = JCudaDriver.cuPointerGetAttribute(Pointer.to(home),
          CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, Pointers.device(address));
      if (result != CUresult.CUDA_SUCCESS || home.getInt(0) != ordinal) {
        throw new BufferException("0x" + Long.toHexString(address) + " is no address of memory of cuda:" + ordinal
            + (result == CUresult.CUDA_SUCCESS
                ? " but of cuda:" + home.getInt(0)
                : " (" + CudaErrors.describe(result) + ")")
            + "; wrap a device pointer of that GPU");
      }
      checkRange(address, bytes);
    } finally {
      context.leave();
    }
  }

  /** Memory of some allocators has no range that the driver knows; then the first address must do. */
  private static void checkRange(long address, long bytes) {
    ByteBuffer range = ByteBuffer.allocateDirect(2 * Long.BYTES).order(ByteOrder.nativeOrder());
    Pointer start = Pointer.to(range);
    if (JCudaDriver.cuPointerGetAttribute(start, CUpointer_attribute.CU_POINTER_ATTRIBUTE_RANGE_START_ADDR,
            Pointers.device(address)) == CUresult.CUDA_SUCCESS
        && JCudaDriver.cuPointerGetAttribute(start.withByteOffset(Long.BYTES),
            CUpointer_attribute.CU_POINTER_ATTRIBUTE_RANGE_SIZE, Pointers.device(address)) == CUresult.CUDA_SUCCESS) {
      long left = range.getLong(0) + range.getLong(Long.BYTES) - address;
      if (bytes > left) {
        throw new BufferException(bytes + " bytes from 0x" + Long.toHexString(address) + " on reach beyond the end of"
            + " their allocation, which is " + left + " bytes away; wrap fewer elements");
      }
    }
  }

  @Override
  public void zero(long address, long bytes) {
    context.enter();
    try {
      CudaErrors.check(
          JCudaDriver.cuMemsetD8Async(Pointers.device(address), (byte) 0, bytes, stream), "clearing memory");
    } finally {
      context.leave();
    }
  }

  @Override
  public void copy(long to, long from, long bytes) {
    context.enter();
    try {
      CudaErrors.check(JCudaDriver.cuMemcpyDtoDAsync(Pointers.device(to), Pointers.device(from), bytes, stream),
          "copying on the GPU");
    } finally {
      context.leave();
    }
  }

  @Override
  public void toDevice(long address, MemorySegment host) {
    context.enter();
    try {
      capture.refuseWaiting();
      staging().toDevice(address, host);
    } finally {
      context.leave();
    }
  }

  @Override
  public void toHost(long address, MemorySegment host) {
    context.enter();
    try {
      capture.refuseWaiting();
      staging().toHost(address, host);
    } finally {
      context.leave();
    }
  }

  private PinnedStaging staging() {
    if (staging == null) {
      staging = new PinnedStaging(stream);
    }
    return staging;
  }

  /** Page-locked memory. With unified addressing, which all 64-bit systems have, its address is the device's too. */
  @Override
  public MemorySegment allocateShared(long bytes) {
    context.enter();
    try {
      Pointer pointer = PinnedStaging.lock(bytes, JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP);
      MemorySegment memory = Pointers.host(pointer, bytes);
      memory.fill((byte) 0);
      shared.put(memory.address(), pointer);
      return memory;
    } finally {
      context.leave();
    }
  }

  @Override
  public void toShared(MemorySegment memory, long from) {
    context.enter();
    try {
      CudaErrors.check(JCudaDriver.cuMemcpyDtoHAsync(
          shared.get(memory.address()), Pointers.device(from), memory.byteSize(), stream), "copying from the GPU");
    } finally {
      context.leave();
    }
  }

  @Override
  public void freeShared(MemorySegment memory) {
    Pointer pointer = shared.remove(memory.address());
    context.enter();
    try {
      released(JCudaDriver.cuMemFreeHost(pointer));
    } finally {
      context.leave();
    }
  }

  @Override
  public Launch launch(String module, String kernel, int threads, MemorySegment arguments) {
    context.enter();
    try {
      CUfunction function = new CUfunction();
      CudaErrors.check(JCudaDriver.cuModuleGetFunction(function, module(module), kernel), "finding kernel " + kernel);
      Pointer parameters = Pointer.to(Pointers.host(arguments));
      return threadBlocks -> launch(function, threadBlocks, threads, parameters);
    } finally {
      context.leave();
    }
  }

  private void launch(CUfunction function, int threadBlocks, int threads, Pointer parameters) {
    context.enter();
    try {
      CudaErrors.check(JCudaDriver.cuLaunchKernel(
          function, threadBlocks, 1, 1, threads, 1, 1, 0, stream, parameters, null), "launching a kernel");
    } finally {
      context.leave();
    }
  }

  private CUmodule module(String name) {
    CUmodule known = modules.get(name);
    if (known != null) {
      return known;
    }
    CUmodule module = new CUmodule();
    CudaErrors.check(JCudaDriver.cuModuleLoadData(module, ptx(name)), "loading the kernels of " + name + ".ptx");
    modules.put(name, module);
    return module;
  }

  /** The text of a module, ended by a zero byte. */
  private static byte[] ptx(String name) {
    try (InputStream in = GpuDriver.class.getResourceAsStream("ptx/" + name + ".ptx")) {
      if (in == null) {
        throw new DeviceException("the jar of nlar-cuda lacks ptx/" + name + ".ptx");
      }
      byte[] text = in.readAllBytes();
      return Arrays.copyOf(text, text.length + 1);
    } catch (IOException e) {
      throw new DeviceException("cannot read ptx/" + name + ".ptx from the jar of nlar-cuda", e);
    }
  }

  @Override
  public Marks marks() {
    return new EventRing(context, stream);
  }

  @Override
  public void synchronize() {
    context.enter();
    try {
      capture.refuseWaiting();
      CudaErrors.check(JCudaDriver.cuStreamSynchronize(stream), "waiting for the GPU");
    } finally {
      context.leave();
    }
  }

  /** After a failure of the GPU the driver refuses to release single things; they go with the process. */
  @Override
  public void close() {
    try {
      context.enter();
      try {
        JCudaDriver.cuStreamSynchronize(stream);
        if (staging != null) {
          staging.close();
        }
        modules.values().forEach(JCudaDriver::cuModuleUnload);
        if (ownsStream) {
          JCudaDriver.cuStreamDestroy(stream);
        }
      } finally {
        context.leave();
      }
    } finally {
      context.close();
    }
  }
}
