package io.nlar.opencl;

import io.nlar.DeviceInfo;
import io.nlar.DeviceUnavailableException;
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

  private static volatile Choice found = new Choice(List.of(), null);

  /**
   * What to make of a machine's devices.
   *
   * @param devices the usable ones, in their order
   * @param probe what users are told
   */
  record Choice(List<DeviceFacts> devices, Probe probe) {}

  private Platforms() {}

  /** Looks for devices. What was found stays found; where nothing was, the next call looks again. */
  static synchronized Probe probe() {
    if (found.devices.isEmpty()) {
      found = SignalHandlers.kept(Platforms::look);
    }
    return found.probe;
  }

  /** Device {@code index} of those that {@link #probe} found. */
  static Optional<DeviceFacts> device(int index) {
    List<DeviceFacts> now = found.devices;
    return index >= 0 && index < now.size() ? Optional.of(now.get(index)) : Optional.empty();
  }

  /** The number of a device among those that {@link #probe} found; their count for any other. */
  static int index(cl_device_id id) {
    List<DeviceFacts> now = found.devices;
    int index = 0;
    while (index < now.size() && now.get(index).id().getNativePointer() != id.getNativePointer()) {
      index++;
    }
    return index;
  }

  private static Choice look() {
    try {
      Natives.load();
      List<String> remarks = new ArrayList<>();
      List<DeviceFacts> facts = new ArrayList<>();
      for (cl_platform_id platform : platforms()) {
        describe(platform, facts, remarks);
      }
      return choose(facts, remarks);
    } catch (DeviceUnavailableException e) {
      return new Choice(List.of(), new Probe.Unavailable(e.getMessage(), e.getCause()));
    } catch (NlarException e) {
      return new Choice(List.of(), new Probe.Unavailable(
          "OpenCL does not answer (" + e.getMessage() + "); check its drivers with clinfo", e));
    }
  }

  /** Adds a platform's devices. One that fails must not hide the others, so what fails becomes a remark. */
  private static void describe(cl_platform_id platform, List<DeviceFacts> facts, List<String> remarks) {
    String name = "a platform";
    try {
      name = Info.text(platform, CL.CL_PLATFORM_NAME);
      for (cl_device_id id : ids(platform)) {
        describe(id, name, facts, remarks);
      }
    } catch (NlarException e) {
      remarks.add(name + " is left out: " + e.getMessage() + "; check its driver with clinfo");
    }
  }

  private static void describe(cl_device_id id, String platform, List<DeviceFacts> facts, List<String> remarks) {
    String name = "a device";
    try {
      name = Info.text(id, CL.CL_DEVICE_NAME);
      facts.add(DeviceFacts.of(id));
    } catch (NlarException e) {
      remarks.add(name + " (" + platform + ") is left out: " + e.getMessage() + "; check its driver with clinfo");
    }
  }

  private static List<cl_device_id> ids(cl_platform_id platform) {
    int[] count = new int[1];
    int status = status(() -> CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count));
    if (status == CL.CL_DEVICE_NOT_FOUND) {
      return List.of();
    }
    Cl.check(status, "count the devices of a platform");
    cl_device_id[] ids = new cl_device_id[count[0]];
    if (ids.length > 0) {
      Cl.run("list the devices of a platform",
          () -> CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, ids.length, ids, null));
    }
    return List.of(ids);
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

  /**
   * Which devices to use, and in what order.
   *
   * @param all the devices of all platforms
   * @param found what else to tell users
   */
  static Choice choose(List<DeviceFacts> all, List<String> found) {
    List<DeviceFacts> usable = new ArrayList<>();
    List<String> remarks = new ArrayList<>(found);
    for (DeviceFacts facts : all) {
      facts.refusal().ifPresentOrElse(
          why -> remarks.add(facts.name() + " (" + facts.platform() + ") is left out: it " + why),
          () -> usable.add(facts));
    }
    if (usable.isEmpty()) {
      return new Choice(List.of(), new Probe.Unavailable(remarks.isEmpty()
          ? "the OpenCL loader knows no device; install a driver, such as the package pocl-opencl-icd, or your GPU's"
          : String.join("; ", remarks), null));
    }
    usable.sort(Comparator.comparing(DeviceFacts::cpu));
    List<DeviceInfo> infos = new ArrayList<>();
    for (DeviceFacts facts : usable) {
      infos.add(facts.info(infos.size()));
      if (!facts.roundedDivision()) {
        remarks.add(facts.name() + " does not round float32 quotients correctly; they are computed through float64,"
            + " with the same bits");
      }
    }
    return new Choice(List.copyOf(usable), new Probe.Available(infos, remarks));
  }
}
