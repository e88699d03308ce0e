package io.nlar.bench.cuda;

import io.nlar.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** The primary context of a GPU, current on this thread until it is closed, with the kernels of this package. */
final class CudaSession implements AutoCloseable {
  private static final int BLOCK = 256;
  private static final long MOST_BLOCKS = 1 << 16;

  private final CUdevice device = new CUdevice();
  private final CUmodule module = new CUmodule();
  private final List<CUdeviceptr> owned = new ArrayList<>();

  CudaSession(int ordinal) {
    check(JCudaDriver.cuInit(0));
    check(JCudaDriver.cuDeviceGet(device, ordinal));
    CUcontext context = new CUcontext();
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    check(JCudaDriver.cuCtxPushCurrent(context));
    check(JCudaDriver.cuModuleLoadData(module, (ptx() + "\0").getBytes(StandardCharsets.UTF_8)));
  }

  /** The PTX of the kernels. */
  static String ptx() {
    try (InputStream in = CudaSession.class.getResourceAsStream("yardsticks.ptx")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void check(int status) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw new DeviceException("a CUDA call failed: " + CUresult.stringFor(status));
    }
  }

  CUfunction kernel(String name) {
    CUfunction function = new CUfunction();
    check(JCudaDriver.cuModuleGetFunction(function, module, name));
    return function;
  }

  CUdeviceptr allocate(long bytes) {
    CUdeviceptr memory = new CUdeviceptr();
    check(JCudaDriver.cuMemAlloc(memory, Math.max(bytes, 1)));
    owned.add(memory);
    return memory;
  }

  /** Enqueues a kernel that goes over {@code elements} in strides of the grid. */
  void launch(CUfunction kernel, long elements, Pointer arguments) {
    int blocks = (int) Math.clamp(Math.ceilDiv(elements, BLOCK), 1, MOST_BLOCKS);
    check(JCudaDriver.cuLaunchKernel(kernel, blocks, 1, 1, BLOCK, 1, 1, 0, null, arguments, null));
  }

  /** Waits for everything on the device. */
  void finish() {
    check(JCudaDriver.cuCtxSynchronize());
  }

  @Override
  public void close() {
    finish();
    owned.forEach(JCudaDriver::cuMemFree);
    JCudaDriver.cuModuleUnload(module);
    JCudaDriver.cuCtxPopCurrent(new CUcontext());
    JCudaDriver.cuDevicePrimaryCtxRelease(device);
  }
}
