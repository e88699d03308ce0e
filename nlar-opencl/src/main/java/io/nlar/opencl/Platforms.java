package io.nlar.opencl;

import io.nlar.DeviceInfo;
import io.nlar.NlarException;
import io.nlar.spi.Probe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** The usable devices of all platforms: GPUs and accelerators first, then CPUs, each in the order of OpenCL. */
final class Platforms {
  /** {@code CL_PLATFORM_NOT_FOUND_KHR}: what a loader without platforms answers. */
  private static final int PLATFORM_NOT_FOUND = -1001;

  private static volatile List<DeviceFacts> devices = List.of();
  private static volatile Probe found;

  private Platforms() {}

  /** Looks for devices. What was found stays found; where nothing was, the next call looks again. */
  static synchronized Probe probe() {
    if (found == null) {
      Probe probe = look();
      if (!(probe instanceof Probe.Available)) {
        return probe;
      }
      found = probe;
    }
    return found;
  }

  /** Device {@code index} of those that {@link #probe} found. */
  static Optional<DeviceFacts> device(int index) {
    List<DeviceFacts> now = devices;
    return index >= 0 && index < now.size() ? Optional.of(now.get(index)) : Optional.empty();
  }

  /** The number of a device among those that {@link #probe} found; their count for any other. */
  static int index(cl_device_id id) {
    List<DeviceFacts> now = devices;
    int index = 0;
    while (index < now.size() && now.get(index).id().getNativePointer() != id.getNativePointer()) {
      index++;
    }
    return index;
  }

  private static Probe look() {
    try {
      Natives.load();
    } catch (LinkageError e) {
      return new Probe.Unavailable("no OpenCL loader can be loaded (" + firstLine(e) + "); install one, such as the"
          + " package ocl-icd-libopencl1, and a driver", e);
    }
    try {
      return choose(ids());
    } catch (NlarException e) {
      return new Probe.Unavailable("OpenCL does not answer (" + e.getMessage() + "); check its drivers with clinfo", e);
    }
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("").strip();
  }

  private static List<cl_device_id> ids() {
    List<cl_device_id> ids = new ArrayList<>();
    for (cl_platform_id platform : platforms()) {
      int[] count = new int[1];
      int status = status(() -> CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count));
      if (status != CL.CL_DEVICE_NOT_FOUND && count[0] > 0) {
        Cl.check(status, "count the devices of a platform");
        cl_device_id[] found = new cl_device_id[count[0]];
        Cl.run("list the devices of a platform",
            () -> CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, found.length, found, null));
        ids.addAll(List.of(found));
      }
    }
    return ids;
  }

  private static cl_platform_id[] platforms() {
    int[] count = new int[1];
    int status = status(() -> CL.clGetPlatformIDs(0, null, count));
    if (status == PLATFORM_NOT_FOUND) {
      return new cl_platform_id[0];
    }
    Cl.check(status, "count the platforms");
    cl_platform_id[] platforms = new cl_platform_id[count[0]];
    if (platforms.length > 0) {
      Cl.run("list the platforms", () -> CL.clGetPlatformIDs(platforms.length, platforms, null));
    }
    return platforms;
  }

  private static int status(Cl.Call call) {
    try {
      return call.call();
    } catch (CLException e) {
      return e.getStatus();
    }
  }

  private static Probe choose(List<cl_device_id> ids) {
    List<DeviceFacts> usable = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    for (cl_device_id id : ids) {
      DeviceFacts facts;
      try {
        facts = DeviceFacts.of(id);
      } catch (NlarException e) {
        remarks.add("a device is left out: " + e.getMessage());
        continue;
      }
      facts.refusal().ifPresentOrElse(
          why -> remarks.add(facts.name() + " (" + facts.platform() + ") is left out: it " + why),
          () -> usable.add(facts));
    }
    if (usable.isEmpty()) {
      return new Probe.Unavailable(remarks.isEmpty()
          ? "the OpenCL loader knows no device; install a driver, such as the package pocl-opencl-icd, or your GPU's"
          : String.join("; ", remarks), null);
    }
    usable.sort(Comparator.comparing(DeviceFacts::cpu));
    for (DeviceFacts facts : usable) {
      if (!facts.roundedDivision()) {
        remarks.add(facts.name() + " does not round float32 quotients correctly; they are computed through float64,"
            + " with the same bits");
      }
    }
    devices = List.copyOf(usable);
    List<DeviceInfo> infos = new ArrayList<>();
    for (DeviceFacts facts : usable) {
      infos.add(facts.info(infos.size()));
    }
    return new Probe.Available(infos, remarks);
  }
}
