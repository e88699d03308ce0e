package io.nlar.testkit;

import io.nlar.Device;
import io.nlar.testkit.contract.DeviceContract;
import io.nlar.testkit.contract.ReferenceDevice;

/** The contract suite on the reference device: the suite can be passed, and the interfaces can be implemented. */
class ReferenceDeviceTest extends DeviceContract {
  @Override
  protected Device open() {
    return new ReferenceDevice();
  }
}
