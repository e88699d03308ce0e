package io.nlar.cpu;

import io.nlar.Device;
import io.nlar.testkit.contract.DeviceContract;
import io.nlar.testkit.contract.Required;

/** The contract suite on the device as users open it; the build runs it once for each kernel. */
class CpuContractTest extends DeviceContract {
  @Override
  protected Device open() {
    return Required.device("cpu");
  }
}
