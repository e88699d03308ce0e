package io.nlar.cuda;

import io.nlar.Device;
import io.nlar.DeviceInfo;

/** The CUDA backend's devices, tables and kernels, executed on the host. */
final class HostCuda {
  private static final long MEMORY_BYTES = 2L << 30;

  private HostCuda() {}

  static DeviceInfo info() {
    return new DeviceInfo("cuda-on-host", 0, "CUDA kernels compiled for the host", MEMORY_BYTES,
        CudaProbe.TYPES, DeviceInfo.HostMemory.NONE);
  }

  static Device open() {
    return open(new HostDriver(MEMORY_BYTES));
  }

  static Device open(Driver driver) {
    return new CudaDevice(info(), driver);
  }
}
