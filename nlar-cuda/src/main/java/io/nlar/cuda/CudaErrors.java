package io.nlar.cuda;

import io.nlar.DeviceException;
import jcuda.driver.CUresult;

/** Turns result codes of the driver API into exceptions. */
final class CudaErrors {
  private CudaErrors() {}

  /** Throws unless {@code result} is success. */
  static void check(int result, String what) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw new DeviceException(what + " failed: " + describe(result));
    }
  }

  /** A result's name, and what to do about it where that is known. */
  static String describe(int result) {
    return CUresult.stringFor(result) + switch (result) {
      case CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION, CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH ->
          "; update the NVIDIA driver";
      case CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU, CUresult.CUDA_ERROR_INVALID_PTX ->
          "; the GPU needs compute capability 7.5 or newer";
      case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, CUresult.CUDA_ERROR_MISALIGNED_ADDRESS ->
          "; a wrapped address was wrong or its memory was freed, and this process can use the GPU no more";
      case CUresult.CUDA_ERROR_ECC_UNCORRECTABLE -> "; the GPU's memory is defective";
      case CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE -> "; another process holds the GPU exclusively";
      default -> "";
    };
  }
}
