package io.nlar.cuda;

import io.nlar.Device;
import io.nlar.testkit.contract.DeviceContract;
import io.nlar.testkit.contract.Required;

/** The contract suite on a GPU; skipped without one, unless {@code -Dnlar.require=cuda}. */
class CudaContractTest extends DeviceContract {
  @Override
  protected Device open() {
    return Required.device("cuda");
  }
}
