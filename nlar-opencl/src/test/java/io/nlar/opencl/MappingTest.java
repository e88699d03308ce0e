package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Estimator;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.RandomCases;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every way of laying the work over a device gives the bits of the reference. */
class MappingTest {

  /** Cases that need few kernels: compiling one for a mapping that does not fit the device takes seconds. */
  private static List<BitCase> fewKernels() {
    return RandomCases.of(TestDevices.facts().info(0)).stream()
        .filter(c -> c.name().endsWith("700 small tensors") || c.groups().stream().allMatch(g ->
            g.type() == DType.FLOAT32 && g.config().estimator() instanceof Estimator.Nlarcm
                && g.config().momentum().active() && !g.config().noisy()))
        .toList();
  }

  private static void assertSameBits(Device device) {
    try (device) {
      for (BitCase each : fewKernels()) {
        if (each.layout().supportedBy(device.info())) {
          assertEquals(Optional.empty(), BitComparison.run(device, each), each::name);
        }
      }
    }
  }

  @Test
  void workGroupsAsOnGpus() {
    DeviceFacts facts = TestDevices.facts();
    assertSameBits(TestDevices.open(facts, TestDevices.gpuMapping(facts)));
  }

  @Test
  void oneWorkGroupOfAllChunks() {
    assertSameBits(TestDevices.open(TestDevices.facts(), new Mapping(1, 32, 64, 1)));
  }

  @Test
  void manyWorkGroupsOfSmallChunks() {
    assertSameBits(TestDevices.open(TestDevices.facts(), new Mapping(1, 1, 32, 64)));
  }

  @Test
  void binary32QuotientsThroughBinary64() {
    DeviceFacts facts = TestDevices.withArithmetic(TestDevices.facts(), true, true, false);
    assertSameBits(TestDevices.open(facts, Mapping.of(facts)));
  }

  @Test
  void stateOverManyArenas() {
    DeviceFacts facts = TestDevices.withLargestBuffer(TestDevices.facts(), 1 << 23);
    assertSameBits(TestDevices.open(facts, Mapping.of(facts)));
  }
}
