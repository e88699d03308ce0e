package io.nlar.opencl;

import io.nlar.DType;
import io.nlar.DeviceInfo.HostMemory;
import io.nlar.DeviceInfo;
import io.nlar.spi.queue.StepTables;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/**
 * What this backend needs to know of an OpenCL device.
 *
 * @param id its handle
 * @param type {@code CL_DEVICE_TYPE} bits
 * @param singles {@code CL_DEVICE_SINGLE_FP_CONFIG} bits
 * @param doubles {@code CL_DEVICE_DOUBLE_FP_CONFIG} bits; 0 without binary64
 * @param largestBuffer {@code CL_DEVICE_MAX_MEM_ALLOC_SIZE}
 */
record DeviceFacts(cl_device_id id, String name, String driver, String platform, String platformVersion, String version,
    long type, boolean available, boolean compiler, boolean littleEndian, long singles, long doubles, int computeUnits,
    long largestGroup, long memory, long largestBuffer) {

  static DeviceFacts of(cl_device_id id) {
    cl_platform_id platform = new cl_platform_id();
    Cl.run("tell a device's platform", () -> CL.clGetDeviceInfo(
        id, CL.CL_DEVICE_PLATFORM, Sizeof.cl_platform_id, Pointer.to(platform), null));
    return new DeviceFacts(id, Info.text(id, CL.CL_DEVICE_NAME), Info.text(id, CL.CL_DRIVER_VERSION),
        Info.text(platform, CL.CL_PLATFORM_NAME), Info.text(platform, CL.CL_PLATFORM_VERSION),
        Info.text(id, CL.CL_DEVICE_VERSION), Info.number(id, CL.CL_DEVICE_TYPE),
        Info.number(id, CL.CL_DEVICE_AVAILABLE) != 0, Info.number(id, CL.CL_DEVICE_COMPILER_AVAILABLE) != 0,
        Info.number(id, CL.CL_DEVICE_ENDIAN_LITTLE) != 0, Info.number(id, CL.CL_DEVICE_SINGLE_FP_CONFIG),
        // Some drivers know the question only where they have an answer.
        Info.number(id, CL.CL_DEVICE_DOUBLE_FP_CONFIG, 0), (int) Info.number(id, CL.CL_DEVICE_MAX_COMPUTE_UNITS),
        Info.number(id, CL.CL_DEVICE_MAX_WORK_GROUP_SIZE), Info.number(id, CL.CL_DEVICE_GLOBAL_MEM_SIZE),
        Info.number(id, CL.CL_DEVICE_MAX_MEM_ALLOC_SIZE));
  }

  /** Whether the device is a CPU: its memory is the host's, and its cores are the host's. */
  boolean cpu() {
    return (type & CL.CL_DEVICE_TYPE_CPU) != 0;
  }

  /** Whether binary32 quotients are rounded correctly when the compiler is asked for it. */
  boolean roundedDivision() {
    return (singles & CL.CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0;
  }

  private boolean both(long ability) {
    return (singles & doubles & ability) != 0;
  }

  /** Why no step can have the right bits on this device; empty if it can. */
  Optional<String> refusal() {
    if (!available) {
      return Optional.of("is not available (CL_DEVICE_AVAILABLE); another process may have it to itself");
    }
    if (version.startsWith("OpenCL 1.0") || version.startsWith("OpenCL 1.1")) {
      return Optional.of("is " + version + "; OpenCL 1.2 is needed: update its driver");
    }
    if (!compiler) {
      return Optional.of("has no compiler for OpenCL C; install the full driver");
    }
    if (doubles == 0) {
      return Optional.of("has no binary64 arithmetic, which the sums and scalars of a step need; use another device");
    }
    if (!both(CL.CL_FP_DENORM)) {
      return Optional.of("flushes subnormal numbers to 0, so its results would differ; use another device");
    }
    if (!both(CL.CL_FP_ROUND_TO_NEAREST)) {
      return Optional.of("does not round to nearest even, so its results would differ; use another device");
    }
    if (!both(CL.CL_FP_INF_NAN)) {
      return Optional.of("has no infinities and NaNs, so it would not see a gradient that is none; use another device");
    }
    if (littleEndian != (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN)) {
      return Optional.of("has another byte order than the host; use another device");
    }
    if (largestGroup < StepTables.LANES && !cpu()) {
      return Optional.of("runs no work-groups of " + StepTables.LANES + " work-items; use another device");
    }
    return Optional.empty();
  }

  /**
   * The device as its driver describes it. Host memory can be wrapped on CPUs only: other devices may share it, but
   * promise no coherence outside of map and unmap.
   */
  DeviceInfo info(int index) {
    return info(index, cpu());
  }

  /** The device as users see it once it is open: with what {@link DeviceCheck} has found. */
  DeviceInfo info(int index, boolean hostMemory) {
    return new DeviceInfo(OpenClBackend.NAME, index, name + ", " + platform, memory,
        Set.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16, DType.FLOAT16), hostMemory ? HostMemory.NATIVE : HostMemory.NONE);
  }
}
