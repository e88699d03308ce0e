package io.nlar.opencl;

import io.nlar.Device;
import io.nlar.testkit.contract.DeviceContract;
import io.nlar.testkit.contract.Required;

/** The contract suite with the kernels as GPUs run them, on whatever device is there. */
class GpuMappingContractTest extends DeviceContract {
  @Override
  protected Device open() {
    Required.device("opencl").close();
    DeviceFacts facts = Platforms.device(0).orElseThrow();
    return OpenClDevice.open(facts, 0, Mapping.gpu(facts.computeUnits(), 64));
  }
}
