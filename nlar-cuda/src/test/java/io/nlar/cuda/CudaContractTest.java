package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.testkit.contract.DeviceContract;
import io.nlar.testkit.contract.Required;
import java.util.Optional;

/**
 * The contract suite on a GPU; state goes to the CPU and back. Skipped without a GPU, unless
 * {@code -Dnlar.require=cuda}.
 */
class CudaContractTest extends DeviceContract {
  @Override
  protected Device open() {
    return Required.device("cuda");
  }

  @Override
  protected Optional<Device> other() {
    return Optional.of(Backends.open("cpu"));
  }
}
