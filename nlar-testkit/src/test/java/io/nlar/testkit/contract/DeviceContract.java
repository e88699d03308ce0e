package io.nlar.testkit.contract;

import io.nlar.Device;
import java.util.Optional;

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
public abstract class DeviceContract extends SharedDevice implements BitContract, GoldenContract, PyTorchContract, AuthorsContract,
    SumContract, NonFiniteContract, SplitRunContract, StateContract, StateFileContract, StateChannelContract, LifetimeContract,
    BufferContract, ErrorContract, RebindContract, ReconfigureContract, ConcurrencyContract, ArrayStepContract, LongRunContract,
    SoakContract, LowPrecisionContract, LentStateContract, UpdateContract, LossScaleContract, AveragedContract,
    PartContract, PartFileContract {

  /** Opens a device of another backend, to exchange state files with; the reference device unless overridden. */
  protected Optional<Device> other() {
    return Optional.of(new ReferenceDevice());
  }

  @Override
  public final Optional<Device> openOther() {
    return other();
  }
}
