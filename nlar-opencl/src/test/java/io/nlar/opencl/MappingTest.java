package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.AdamW;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Estimator;
import io.nlar.Precision;
import io.nlar.StepConfig;
import io.nlar.Storage;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.Inputs;
import io.nlar.testkit.Layout;
import io.nlar.testkit.RandomCases;
import io.nlar.testkit.TensorSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way of laying the work over a device gives the bits of the reference. */
class MappingTest {

  /** Cases that need few kernels: compiling one for a mapping that does not fit the device takes seconds. */
  private static List<BitCase> fewKernels() {
    return RandomCases.of(TestDevices.facts().info(0)).stream()
        .filter(c -> c.name().endsWith("700 small tensors") || c.groups().stream().allMatch(MappingTest::fewKernels))
        .toList();
  }

  private static boolean fewKernels(GroupSpec group) {
    Storage storage = group.storage();
    boolean remainder = storage.master() == Precision.Master.REMAINDER && storage.gradient() == DType.BFLOAT16
        && storage.roundsState();
    boolean mixed = storage.value() == DType.FLOAT16 && storage.gradient() == DType.FLOAT16 && !storage.roundsState();
    return storage.equals(Storage.of(DType.FLOAT32)) && fewKernels(group.config())
        || (remainder || mixed) && group.config().rule() instanceof Estimator.Nlarcm && fewKernels(group.config());
  }

  private static boolean fewKernels(StepConfig config) {
    return config.rule() instanceof AdamW adamW && !adamW.nesterov()
        || config.rule() instanceof Estimator.Nlarcm && config.momentum().active() && !config.noisy();
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

  /** Work-groups of the size that GPUs will have, and of the smallest: for one kernel each pass, on one long tensor. */
  @ParameterizedTest
  @ValueSource(ints = {256, 32})
  void workGroupsOfOtherSizes(int size) {
    DeviceFacts facts = TestDevices.facts();
    BitCase threeLevels = RandomCases.everyLength().stream()
        .filter(c -> c.name().startsWith("FLOAT32, length "))
        .findFirst()
        .orElseThrow();
    try (Device device = TestDevices.open(facts, Mapping.gpu(facts.computeUnits(), size))) {
      assertEquals(Optional.empty(), BitComparison.run(device, threeLevels));
    }
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
  void binary32QuotientsAndRootsThroughBinary64() {
    DeviceFacts facts = TestDevices.withoutRoundedDivision(TestDevices.facts());
    assertSameBits(TestDevices.open(facts, Mapping.of(facts)));
  }

  @Test
  void stateOverManyArenas() {
    List<TensorSpec> tensors = IntStream.range(0, 7).mapToObj(i -> new TensorSpec("w" + i, 3000 + i)).toList();
    BitCase each = new BitCase("seven tensors", 1, List.of(new GroupSpec(StepConfig.nlarcm(), DType.FLOAT32, tensors)),
        3, Layout.ALLOCATED, Inputs.SPECIAL, true);
    DeviceFacts facts = TestDevices.facts();
    assertEquals(3 * (1 + 1), launches(facts, each));
    // Two tensors fit into a buffer of state: four arenas, which share no launch but the reduction.
    DeviceFacts small = TestDevices.withLargestBuffer(facts, 2 * 3100 * Float.BYTES);
    assertEquals(3 * (1 + 4), launches(small, each));
  }

  private static int launches(DeviceFacts facts, BitCase each) {
    CountingQueue[] queue = new CountingQueue[1];
    try (Device device = TestDevices.open(facts, handle -> queue[0] = new CountingQueue(handle))) {
      assertEquals(Optional.empty(), BitComparison.run(device, each));
      return queue[0].launches;
    }
  }
}
