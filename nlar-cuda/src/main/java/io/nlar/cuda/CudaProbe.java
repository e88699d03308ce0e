package io.nlar.cuda;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.DeviceUnavailableException;
import io.nlar.NlarException;
import io.nlar.spi.NativeAccess;
import io.nlar.spi.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jcuda.CudaException;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Looks for GPUs, step by step, so that each thing that can be missing has a sentence of its own. */
final class CudaProbe {
  /** The kernels' PTX is of version 7.0, which drivers of CUDA 11.0 and later know. */
  static final int OLDEST_DRIVER = 11_000;
  /** compute_75. */
  static final int OLDEST_CAPABILITY = 75;

  /** The types of values and gradients that the kernels know. */
  static final Set<DType> TYPES = Set.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16, DType.FLOAT16);

  private CudaProbe() {}

  static Probe probe() {
    try {
      if (!NativeLibraries.driverPresent()) {
        return new Probe.Unavailable("there is no NVIDIA driver: " + NativeLibraries.driverLibrary()
            + " was not found; install the driver (CUDA 11.0 or newer), or choose another backend", null);
      }
      NativeLibraries.initialise("jcuda.driver.JCudaDriver");
      return devices();
    } catch (DeviceUnavailableException e) {
      return new Probe.Unavailable(e.getMessage(), e.getCause());
    } catch (LinkageError e) {
      return new Probe.Unavailable("JCuda cannot be used (" + e + "); have jcuda on the class path, in the version that"
          + " nlar-cuda asks for", e);
    } catch (CudaException e) {
      return new Probe.Unavailable("the NVIDIA driver reports " + e.getMessage(), e);
    } catch (NlarException e) {
      return new Probe.Unavailable("the NVIDIA driver refuses: " + e.getMessage() + "; check nvidia-smi", e);
    } catch (RuntimeException e) {
      return new Probe.Unavailable("the NVIDIA driver cannot be reached: " + e.getMessage()
          + "; native access must be allowed: start Java with " + NativeAccess.option(CudaProbe.class, CUdevice.class), e);
    }
  }

  private static Probe devices() {
    int result = JCudaDriver.cuInit(0);
    if (result == CUresult.CUDA_ERROR_NO_DEVICE) {
      return new Probe.Unavailable("the NVIDIA driver finds no GPU; check nvidia-smi, CUDA_VISIBLE_DEVICES and, in a"
          + " container, that it was started with access to GPUs", null);
    }
    if (result != CUresult.CUDA_SUCCESS) {
      return new Probe.Unavailable("the NVIDIA driver does not start: " + CUresult.stringFor(result) + "; "
          + remedy(result), null);
    }
    int[] value = new int[1];
    CudaErrors.check(JCudaDriver.cuDriverGetVersion(value), "asking for the driver's version");
    if (value[0] < OLDEST_DRIVER) {
      return new Probe.Unavailable("the NVIDIA driver is of CUDA " + version(value[0]) + " and the kernels need "
          + version(OLDEST_DRIVER) + " or newer; update the driver", null);
    }
    CudaErrors.check(JCudaDriver.cuDeviceGetCount(value), "counting GPUs");
    List<DeviceInfo> devices = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    for (int ordinal = 0; ordinal < value[0]; ordinal++) {
      CUdevice device = new CUdevice();
      CudaErrors.check(JCudaDriver.cuDeviceGet(device, ordinal), "asking for GPU " + ordinal);
      String name = GpuName.of(ordinal);
      int capability = 10 * attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
          + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
      if (capability < OLDEST_CAPABILITY) {
        remarks.add("GPU " + ordinal + " (" + name + ") has compute capability " + capability / 10 + "."
            + capability % 10 + "; the kernels need 7.5 (Turing, 2018) or newer: use OpenCL or the CPU for it");
      } else {
        devices.add(info(device, ordinal, name));
      }
    }
    return devices.isEmpty()
        ? new Probe.Unavailable(
            remarks.isEmpty() ? "the NVIDIA driver lists no GPU; check nvidia-smi" : String.join("; ", remarks), null)
        : new Probe.Available(devices, remarks);
  }

  /** What to do where the driver does not start. */
  private static String remedy(int result) {
    return switch (result) {
      case CUresult.CUDA_ERROR_STUB_LIBRARY ->
          "libcuda found here is the toolkit's stub for linking; take its folder from LD_LIBRARY_PATH";
      case CUresult.CUDA_ERROR_SYSTEM_NOT_READY ->
          "check that the driver's services run (nvidia-fabricmanager on machines with NVSwitch)";
      case CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH ->
          "the driver's library and kernel module are of different versions; restart after updating the driver";
      case CUresult.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE ->
          "the compatibility library is not for this GPU; remove cuda-compat from LD_LIBRARY_PATH, or update the driver";
      default -> "check nvidia-smi; restarting the machine or the container may help";
    };
  }

  /** What is known of a GPU. */
  static DeviceInfo info(CUdevice device, int ordinal, String name) {
    long[] bytes = new long[1];
    CudaErrors.check(JCudaDriver.cuDeviceTotalMem(bytes, device), "asking for the memory of GPU " + ordinal);
    return new DeviceInfo(CudaBackend.NAME, ordinal, name, bytes[0], TYPES, DeviceInfo.HostMemory.NONE);
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    CudaErrors.check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "asking for a GPU's attributes");
    return value[0];
  }

  private static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }
}
