package io.nlar.testkit.contract;

import io.nlar.Device;
import java.util.Optional;

/**
 * The topics as a plain object, so that {@link SuiteCatchesErrorsTest} can call single tests on a wrong device.
 * Abstract, so that nothing takes it for a test class.
 */
abstract class Topics implements BitContract, GoldenContract, PyTorchContract, AuthorsContract, SumContract, NonFiniteContract,
    SplitRunContract, StateFileContract, RebindContract {
  private final Device device;

  Topics(Device device) {
    this.device = device;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public Device openAnother() {
    return new ReferenceDevice();
  }

  @Override
  public Optional<Device> openOther() {
    return Optional.empty();
  }
}
