package io.nlar.testkit.contract;

import io.nlar.Device;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * The whole contract suite for one device. A backend's test class extends it and opens the device:
 *
 * <pre>{@code
 * class CpuContractTest extends DeviceContract {
 *   @Override
 *   protected Device open() {
 *     return Required.device("cpu");
 *   }
 * }
 * }</pre>
 *
 * <p>A test is skipped only for what {@link io.nlar.DeviceInfo} says that the device cannot do.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DeviceContract implements BitContract, GoldenContract, PyTorchContract, AuthorsContract, SumContract,
    NonFiniteContract, SplitRunContract, StateContract, StateFileContract, StateChannelContract, LifetimeContract,
    BufferContract, ErrorContract, RebindContract, ReconfigureContract, ConcurrencyContract, ArrayStepContract, LongRunContract,
    SoakContract, LowPrecisionContract, LentStateContract, UpdateContract, LossScaleContract, AveragedContract,
    PartContract, PartFileContract {
  private Device device;

  /** Opens the device under test; called more than once. */
  protected abstract Device open();

  /** Opens a device of another backend, to exchange state files with; the reference device unless overridden. */
  protected Optional<Device> other() {
    return Optional.of(new ReferenceDevice());
  }

  @BeforeAll
  void openShared() {
    device = open();
  }

  @AfterAll
  void closeShared() {
    if (device != null) {
      device.close();
    }
  }

  @Override
  public final Device device() {
    return device;
  }

  @Override
  public final Device openAnother() {
    return open();
  }

  @Override
  public final Optional<Device> openOther() {
    return other();
  }
}
