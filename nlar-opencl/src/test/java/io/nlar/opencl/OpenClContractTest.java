package io.nlar.opencl;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.testkit.AveragedRun;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.contract.DeviceContract;
import io.nlar.testkit.contract.Required;
import java.util.List;
import java.util.Optional;

/** The contract suite on the first OpenCL device, with the mapping that fits it; state goes to the CPU and back. */
class OpenClContractTest extends DeviceContract {
  @Override
  protected Device open() {
    return Required.device("opencl");
  }

  /** Every eighth kernel, of all storages and rules; all of them: {@link EveryStorageTest}. */
  @Override
  public List<BitCase> storages() {
    return StorageCases.everyKernel(8);
  }

  @Override
  public List<BitCase> updates() {
    return StorageCases.someUpdates();
  }

  @Override
  public List<AveragedRun> averagedRuns() {
    return AveragedRun.some(5);
  }

  @Override
  public int everyCaseOfParts() {
    return 397;
  }

  @Override
  protected Optional<Device> other() {
    return Optional.of(Backends.open("cpu"));
  }
}
