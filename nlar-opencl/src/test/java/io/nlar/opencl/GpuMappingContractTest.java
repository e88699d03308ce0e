package io.nlar.opencl;

import io.nlar.Device;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.contract.DeviceContract;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** The whole contract suite with the kernels laid out as for GPUs; compiling all of them for a CPU takes minutes. */
@Tag("slow")
class GpuMappingContractTest extends DeviceContract {
  @Override
  protected Device open() {
    DeviceFacts facts = TestDevices.facts();
    return TestDevices.open(facts, TestDevices.gpuMapping(facts));
  }

  @Override
  public List<BitCase> storages() {
    return StorageCases.everyKernel(8);
  }

  @Override
  public List<BitCase> updates() {
    return StorageCases.someUpdates();
  }

  @Override
  public int everyCaseOfParts() {
    return 397;
  }
}
