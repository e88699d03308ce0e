package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.cuda.interpreter.Schedule;
import io.nlar.testkit.contract.DeviceContract;
import java.util.Optional;

/**
 * The contract suite over the CUDA backend without a GPU: its tables and launches, and the very PTX that is shipped,
 * interpreted. State goes to the CPU backend and back.
 */
class PtxContractTest extends DeviceContract {
  @Override
  protected Device open() {
    return new PtxDriver(Schedule.of(Schedule.Order.DESCENDING), false).open();
  }

  @Override
  protected Optional<Device> other() {
    return Optional.of(Backends.open("cpu"));
  }
}
