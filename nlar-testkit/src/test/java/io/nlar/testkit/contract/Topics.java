package io.nlar.testkit.contract;

import io.nlar.Device;
import java.util.Optional;

/** The topics as a plain object, so that {@link SuiteCatchesErrorsTest} can call single tests on a wrong device. */
record Topics(Device device) implements BitContract, GoldenContract, SumContract, NonFiniteContract, SplitRunContract,
    StateFileContract, RebindContract {
  @Override
  public Device openAnother() {
    return new ReferenceDevice();
  }

  @Override
  public Optional<Device> openOther() {
    return Optional.empty();
  }
}
