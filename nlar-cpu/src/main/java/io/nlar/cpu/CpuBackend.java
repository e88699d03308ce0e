package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceInfo.HostMemory;
import io.nlar.DeviceInfo;
import io.nlar.DeviceOptions;
import io.nlar.DeviceUnavailableException;
import io.nlar.spi.Backend;
import io.nlar.spi.Preference;
import io.nlar.spi.Probe;
import java.util.EnumSet;
import java.util.List;

/** The processor as a device, {@code cpu}. Always available; without the Vector API it runs a scalar kernel. */
public final class CpuBackend implements Backend {

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Probe probe() {
    try {
      CpuSettings settings = CpuSettings.read();
      NativeMemory.checkAccess();
      DeviceInfo info = new DeviceInfo(name(), 0, Machine.processor(), Machine.memory(),
          EnumSet.complementOf(EnumSet.of(DType.UINT16)), HostMemory.NATIVE_AND_HEAP, settings.kernels());
      return new Probe.Available(List.of(info), settings.remarks());
    } catch (IllegalArgumentException | IllegalCallerException unusable) {
      return new Probe.Unavailable(unusable.getMessage(), unusable);
    }
  }

  @Override
  public Device open(DeviceInfo device) {
    return open(device, DeviceOptions.defaults());
  }

  @Override
  public Device open(DeviceInfo device, DeviceOptions options) {
    try {
      NativeMemory.checkAccess();
      CpuSettings settings = CpuSettings.read();
      return new CpuDevice(device, options.threads() == 0 ? settings : settings.withThreads(options.threads()));
    } catch (IllegalArgumentException | IllegalCallerException unusable) {
      throw new DeviceUnavailableException("the device " + device.selector() + " cannot be opened: "
          + unusable.getMessage(), unusable);
    }
  }

  @Override
  public int preference(DeviceInfo device) {
    return Preference.CPU;
  }
}
