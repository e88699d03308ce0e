package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.testkit.AveragedRun;
import io.nlar.testkit.contract.DeviceContract;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The contract suite over the CUDA backend without a GPU: its tables and launches, and its kernels' very sources,
 * compiled for the host. State goes to the CPU backend and back.
 */
@Execution(ExecutionMode.CONCURRENT)
class HostCudaContractTest extends DeviceContract {

  @BeforeAll
  static void compiler() {
    Assumptions.assumeTrue(HostKernels.available(), "there is no g++ to compile the kernels for the host");
  }

  @Override
  protected Device open() {
    return HostCuda.open();
  }

  @Override
  public List<AveragedRun> averagedRuns() {
    return AveragedRun.some(5);
  }

  @Override
  public int manyLowPrecisionSteps() {
    return 10_000;
  }

  @Override
  public int longRunSteps() {
    return 10_000;
  }

  @Override
  public int everyCaseOfParts() {
    return 127;
  }

  @Override
  protected Optional<Device> other() {
    return Optional.of(Backends.open("cpu"));
  }

  // Measures the process, beside which nothing else may run: HostCudaFlatTest.
  @Override
  public void tenThousandCyclesLeaveMemoryAndThreadsFlat() {
    throw new UnsupportedOperationException();
  }
}
