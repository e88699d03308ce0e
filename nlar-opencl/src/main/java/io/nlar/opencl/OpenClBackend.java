package io.nlar.opencl;

import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.DeviceUnavailableException;
import io.nlar.spi.Backend;
import io.nlar.spi.NativeAccess;
import io.nlar.spi.Preference;
import io.nlar.spi.Probe;
import org.jocl.CLException;

/**
 * OpenCL 1.2 devices with binary64 arithmetic and subnormal numbers, over all platforms: {@code opencl:0} is the first
 * GPU or accelerator, or where there is none the first CPU.
 *
 * <p>Compiled kernels are cached in {@code $XDG_CACHE_HOME/nlar/opencl} or {@code ~/.cache/nlar/opencl}; the system
 * property {@code nlar.opencl.cache} names another directory, or is {@code off}.
 *
 * <p>A class loader that has loaded JOCL is never collected, since JOCL's native library holds some of its classes for
 * ever. Where applications come and go, JOCL belongs in a class loader above theirs; Nlar's own is then collected.
 */
public final class OpenClBackend implements Backend {
  static final String NAME = "opencl";

  /** For {@link java.util.ServiceLoader}. */
  public OpenClBackend() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Probe probe() {
    try {
      return Platforms.probe();
    } catch (IllegalCallerException e) {
      return new Probe.Unavailable("native access is denied (" + e.getMessage() + "); start Java with "
          + NativeAccess.option(OpenClBackend.class, CLException.class), e);
    } catch (RuntimeException | LinkageError e) {
      return new Probe.Unavailable("looking for OpenCL devices failed (" + e + "); check the drivers with clinfo", e);
    }
  }

  @Override
  public Device open(DeviceInfo device) {
    if (probe() instanceof Probe.Unavailable unavailable) {
      throw new DeviceUnavailableException("opencl is not available: " + unavailable.reason(), unavailable.cause());
    }
    DeviceFacts facts = Platforms.device(device.index())
        .orElseThrow(() -> new DeviceUnavailableException("there is no OpenCL device " + device.index()));
    return OpenClDevice.open(facts, device.index(), Mapping.of(facts));
  }

  @Override
  public int preference(DeviceInfo device) {
    boolean cpu = Platforms.device(device.index()).map(DeviceFacts::cpu).orElse(true);
    return cpu ? Preference.OPENCL_CPU : Preference.OPENCL_GPU;
  }
}
