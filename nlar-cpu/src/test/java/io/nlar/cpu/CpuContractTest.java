package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Device;
import io.nlar.testkit.contract.DeviceContract;
import io.nlar.testkit.contract.Required;
import org.junit.jupiter.api.Test;

/**
 * The contract suite on the device as users open it. The build runs it once with each kernel, and says in
 * {@value #KERNEL} which one it must be: a silent change to another would test nothing.
 */
class CpuContractTest extends DeviceContract {
  private static final String KERNEL = "nlar.test.kernel";

  @Override
  protected Device open() {
    return Required.device("cpu");
  }

  @Override
  public int manyLowPrecisionSteps() {
    return 10_000;
  }

  @Test
  void theKernelIsTheOneThatTheBuildAskedFor() {
    int bits = ((CpuDevice) device()).vectorBits();
    String kernel = bits == 0 ? "scalar" : bits == 128 ? "128" : "wide";
    assertEquals(System.getProperty(KERNEL, kernel), kernel);
  }
}
