package io.nlar.cuda;

import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.spi.Backend;
import io.nlar.spi.Preference;
import io.nlar.spi.Probe;

/** NVIDIA GPUs from compute capability 7.5 (Turing, 2018), through the driver alone. */
public final class CudaBackend implements Backend {

  /** The name in selectors. */
  static final String NAME = "cuda";

  /** For {@link java.util.ServiceLoader}. */
  public CudaBackend() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Probe probe() {
    return CudaProbe.probe();
  }

  @Override
  public Device open(DeviceInfo device) {
    return new CudaDevice(device, GpuDriver.withOwnStream(device.index()));
  }

  @Override
  public int preference(DeviceInfo device) {
    return Preference.CUDA;
  }
}
