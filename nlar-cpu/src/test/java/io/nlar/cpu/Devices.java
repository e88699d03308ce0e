package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.DeviceInfo.HostMemory;
import io.nlar.DeviceInfo;
import java.util.EnumSet;
import java.util.List;

/** CPU devices opened with chosen settings. */
final class Devices {
  /** Work cut as finely as it can be, and never left to one thread. */
  static final CpuSettings.Cut FINE = new CpuSettings.Cut(1024, 1, 0);

  private Devices() {}

  /** The device with the kernel that the system properties choose. */
  static CpuDevice open() {
    return open(CpuSettings.read());
  }

  /** The same with another number of threads, and work cut finely. */
  static CpuDevice open(int threads) {
    return open(new CpuSettings(threads, CpuSettings.read().vectorBits(), FINE, List.of()));
  }

  static CpuDevice open(CpuSettings settings) {
    return new CpuDevice(new DeviceInfo("cpu", 0, "the processor under test", Machine.memory(),
        EnumSet.allOf(DType.class), HostMemory.NATIVE_AND_HEAP), settings);
  }
}
