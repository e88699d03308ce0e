package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.testkit.contract.SoakContract;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Isolated;

/** The one test of the contract suite that {@link HostCudaContractTest} leaves out, since it measures the whole process. */
@Isolated("measures memory and threads")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostCudaFlatTest implements SoakContract {
  private Device device;

  @BeforeAll
  void openShared() {
    Assumptions.assumeTrue(HostKernels.available(), "there is no g++ to compile the kernels for the host");
    device = openAnother();
  }

  @AfterAll
  void closeShared() {
    if (device != null) {
      device.close();
    }
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public Device openAnother() {
    return HostCuda.open();
  }

  @Override
  public Optional<Device> openOther() {
    return Optional.of(Backends.open("cpu"));
  }

  // The other one of its interface is run with the rest; without its annotation it is no test here.
  @Override
  public void aHundredThousandStepsKeepTheBits() {
    throw new UnsupportedOperationException();
  }
}
