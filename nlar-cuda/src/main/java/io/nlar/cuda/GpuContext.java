package io.nlar.cuda;

import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

/**
 * The primary context of a GPU, in which the CUDA runtime and all frameworks work, so that their pointers are valid
 * here. Calls enter and leave it and so disturb no context that the calling thread has.
 */
final class GpuContext {
  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final CUcontext left = new CUcontext();

  GpuContext(int ordinal) {
    CudaErrors.check(JCudaDriver.cuInit(0), "starting the NVIDIA driver");
    CudaErrors.check(JCudaDriver.cuDeviceGet(device, ordinal), "opening GPU " + ordinal);
    CudaErrors.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "opening GPU " + ordinal);
  }

  /** Whether {@code other} is this context. */
  boolean is(CUcontext other) {
    return context.equals(other);
  }

  void enter() {
    CudaErrors.check(JCudaDriver.cuCtxPushCurrent(context), "entering the GPU's context");
  }

  /** Does not fail: it runs in finally clauses, where it must not hide the failure before it. */
  void leave() {
    JCudaDriver.cuCtxPopCurrent(left);
  }

  void close() {
    JCudaDriver.cuDevicePrimaryCtxRelease(device);
  }
}
