package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.testkit.contract.SharedDevice;
import io.nlar.testkit.contract.SoakContract;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.parallel.Isolated;

/** The one test of the contract suite that {@link HostCudaContractTest} leaves out, since it measures the whole process. */
@Isolated("measures memory and threads")
class HostCudaFlatTest extends SharedDevice implements SoakContract {

  @Override
  protected Device open() {
    Assumptions.assumeTrue(HostKernels.available(), "there is no g++ to compile the kernels for the host");
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
