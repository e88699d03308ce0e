package io.nlar.testkit.contract;

import io.nlar.Device;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** One device for all tests of a class, which implements the topics of the contract suite that it wants. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class SharedDevice implements ContractSupport {
  private Device device;

  /** Opens the device under test; called more than once. */
  protected abstract Device open();

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
}
