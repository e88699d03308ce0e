package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceException;
import io.nlar.DeviceMemoryException;
import io.nlar.Momentum;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.StepFailedException;
import io.nlar.Update;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.Inputs;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engine asks of its driver. */
@Isolated("measures memory, or time")
class CudaEngineTest {

  @BeforeAll
  static void compiler() {
    Assumptions.assumeTrue(HostKernels.available(), "there is no g++ to compile the kernels for the host");
  }

  /** Notes the launches instead of executing them. */
  private static final class CountingDriver extends HostDriver {
    final List<String> launches = new ArrayList<>();
    long launched;
    boolean noting = true;

    CountingDriver(long memoryBytes) {
      super(memoryBytes);
    }

    @Override
    void launched(String name, MemorySegment entry, int threadBlocks, int threads, MemorySegment arguments) {
      launched++;
      if (noting) {
        launches.add(name + " <<<" + threadBlocks + ", " + threads + ">>>");
      }
    }
  }

  private static ParameterGroup group(Device device, StepConfig config, String prefix, int tensors, long length) {
    return new ParameterGroup(config, IntStream.range(0, tensors)
        .mapToObj(i -> new Parameter(prefix + i, device.allocate(DType.FLOAT32, length),
            device.allocate(DType.FLOAT32, length)))
        .toList());
  }

  private static List<String> launches(int tensors, long length) {
    CountingDriver driver = new CountingDriver(1L << 30);
    try (Device device = HostCuda.open(driver);
        Step step = device.compile(List.of(group(device, StepConfig.nlarcm(), "t", tensors, length)))) {
      step.run();
    }
    return driver.launches;
  }

  @Test
  void manyTensorsTakeTheLaunchesOfOne() {
    assertEquals(
        List.of("nlar_square_sum_f32 <<<1, 128>>>", "nlar_apply_f32_nlarcm_momentum <<<8, 256>>>"), launches(1, 8192));
    assertEquals(
        List.of("nlar_square_sum_f32 <<<10000, 128>>>", "nlar_apply_f32_nlarcm_momentum <<<10000, 256>>>"),
        launches(10_000, 4));
    assertEquals(
        List.of("nlar_square_sum_f32 <<<4, 128>>>", "nlar_apply_f32_nlarcm_momentum <<<32, 256>>>"), launches(2, 16_000));
  }

  @Test
  void groupsThatDifferInNumbersShareALaunch() {
    CountingDriver driver = new CountingDriver(1L << 30);
    try (Device device = HostCuda.open(driver); Step step = device.compile(List.of(
        group(device, StepConfig.nlarcm(), "a", 2, 10),
        group(device, StepConfig.nlarcm().withLearningRate(0.5).withWeightDecay(0.01), "b", 2, 10),
        group(device, StepConfig.nlarsm(), "c", 2, 10)))) {
      step.run();
    }
    assertEquals(List.of("nlar_square_sum_f32 <<<6, 128>>>", "nlar_apply_f32_nlarsm_momentum <<<2, 256>>>",
        "nlar_apply_f32_nlarcm_momentum <<<4, 256>>>"), driver.launches);
  }

  /** Chunks that one, two, four and eight thread blocks share, with a last one that fills them in part. */
  @ParameterizedTest
  @CsvSource({"64, 512", "65, 260", "128, 512", "129, 258", "256, 512", "257, 257"})
  void fewChunksAreSharedByThreadBlocksAndTheBitsAreTheSame(int chunks, int threadBlocks) {
    List<String> launched = new ArrayList<>();
    HostDriver driver = new HostDriver(1L << 30) {
      @Override
      void launched(String name, MemorySegment entry, int blocks, int threads, MemorySegment arguments) {
        launched.add(name + " " + blocks);
        super.launched(name, entry, blocks, threads, arguments);
      }
    };
    for (DType type : DType.arithmetics()) {
      launched.clear();
      int length = (chunks - 1) * LaunchShape.CHUNK + 1030;
      BitCase run = new BitCase(chunks + " chunks of " + type, chunks,
          List.of(GroupSpec.of(StepConfig.nlarcm(), type, new TensorSpec("a", length))), 1, Layout.ALLOCATED,
          Inputs.ORDINARY, true);
      try (Device device = HostCuda.open(driver)) {
        assertEquals(Optional.empty(), BitComparison.run(device, run));
      }
      assertTrue(launched.getLast().endsWith("_nlarcm_momentum " + threadBlocks), launched::toString);
    }
  }

  /** Thread blocks to which nothing of any chunk would fall are not launched. */
  @ParameterizedTest
  @CsvSource({"64, 8192, 3, 2", "64, 1025, 3, 0", "64, 1024, 0, 0", "64, 2049, 3, 2", "64, 2048, 3, 0", "1, 1, 0, 0", "0, 0, 0, 0",
      "128, 2048, 0, 0", "128, 2049, 2, 2", "257, 8192, 0, 0"})
  void chunksAreSharedAsFarAsTheLongestNeeds(int chunks, int longest, int splitting, int narrow) {
    IntUnaryOperator elements = chunk -> chunk == chunks / 2 ? longest : Math.min(5, longest);
    assertEquals(splitting, LaunchShape.splitting(chunks, elements, false));
    assertEquals(narrow, LaunchShape.splitting(chunks, elements, true));
  }

  @Test
  void aRunAllocatesNoHeap() {
    CountingDriver driver = new CountingDriver(1L << 30);
    driver.noting = false;
    com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Device device = HostCuda.open(driver);
        Step step = device.compile(List.of(group(device, StepConfig.nlarcm(), "t", 20, 100)))) {
      int runs = 100_000;
      long least = Long.MAX_VALUE;
      int rounds = 0;
      // However long the compiler takes to get to it.
      while (rounds < 20 && least >= runs) {
        long before = threads.getCurrentThreadAllocatedBytes();
        run(step, runs);
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        rounds++;
      }
      assertTrue(least < runs, least + " bytes in " + runs + " runs");
      assertEquals(2L * rounds * runs, driver.launched);
    }
  }

  private static void run(Step step, int runs) {
    for (int i = 0; i < runs / 2; i++) {
      step.run();
      step.run(0.5, 0.25);
    }
  }

  /** Notes what is copied to the device, and refuses it if asked to. */
  private static final class CopyingDriver extends HostDriver {
    final List<Long> copied = new ArrayList<>();
    boolean refuses;

    CopyingDriver() {
      super(1L << 30);
    }

    @Override
    public void toDevice(long address, MemorySegment host) {
      if (refuses) {
        super.toDevice(address, host); // as far as nobody knows
        throw new DeviceException("copying failed: CUDA_ERROR_UNKNOWN");
      }
      copied.add(host.byteSize());
      super.toDevice(address, host);
    }
  }

  /** A gradient that has moved costs one record of the tables, however many tensors and chunks the step has. */
  @Test
  void aMovedGradientIsOneSmallCopy() {
    CopyingDriver driver = new CopyingDriver();
    try (Arena arena = Arena.ofShared(); Device device = HostCuda.open(driver)) {
      long places = arena.allocate(200_000, 128).address();
      Buffer value = device.allocate(DType.FLOAT32, 10_000);
      List<Parameter> parameters = new ArrayList<>(group(device, StepConfig.nlarcm(), "t", 1000, 100).parameters());
      parameters.add(new Parameter("moves", value, null));
      Step step = device.compile(List.of(new ParameterGroup(
          StepConfig.nlarcm().withScaling(new Scaling.None()).withMomentum(new Momentum.None()), parameters)));
      double moved = 0;
      for (int i = 0; i < 3; i++) { // to an address that is aligned, to one that is not, and back
        driver.copied.clear();
        long place = places + i % 2 * 40_004L;
        HostDriver.at(place, 40_000).fill((byte) 0);
        HostDriver.at(place, 40_000).set(ValueLayout.JAVA_FLOAT, 4 * 9_999L, 1f);
        step.bindGradient(1000, place);
        if (i == 0) {
          assertTrue(driver.copied.stream().mapToLong(bytes -> bytes).sum() > 100_000, driver.copied::toString);
        } else {
          assertEquals(1, driver.copied.size(), driver.copied::toString);
          assertTrue(driver.copied.getFirst() < 200, driver.copied::toString);
          driver.refuses = true;
          assertThrows(DeviceException.class, () -> step.bindGradient(1000, places + 80_000));
          driver.refuses = false;
        }
        step.run();
        double now = values(value)[9_999];
        assertTrue(now < moved, now + " after " + moved);
        moved = now;
      }
    }
  }

  /** Moved or bound anew: the same bits of values, zeroed gradients, and updates over them. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMovedGradientIsWorkedOnWhereItLies(boolean updates) {
    int length = 5000;
    long room = 4L * length + 64;
    try (Arena arena = Arena.ofShared(); Device device = HostCuda.open(new HostDriver(1L << 30))) {
      Buffer movedValue = device.allocate(DType.FLOAT32, length);
      Buffer boundValue = device.allocate(DType.FLOAT32, length);
      Step moved = device.compile(List.of(new ParameterGroup(StepConfig.nlarcm(), List.of(parameter(movedValue, null, updates)))));
      Step bound = device.compile(List.of(new ParameterGroup(StepConfig.nlarcm(), List.of(parameter(boundValue, null, updates)))));
      long address = arena.allocate(8 * room, 128).address();
      for (int i = 0; i < 4; i++) {
        MemorySegment one = HostDriver.at(address + 2 * i * room + 4 * i, 4L * length);
        MemorySegment other = HostDriver.at(address + (2 * i + 1) * room + 4 * i, 4L * length);
        for (int j = 0; j < length; j++) {
          one.setAtIndex(ValueLayout.JAVA_FLOAT, j, (j + i) % 7 - 3);
        }
        other.copyFrom(one);
        moved.bindGradient(0, one.address());
        bound.rebind(List.of(parameter(boundValue, device.wrap(DType.FLOAT32, length, other.address()), updates)));
        moved.run();
        bound.run();
        assertEquals(-1, one.mismatch(other), "gradient or update of step " + i);
        assertEquals(updates, one.getAtIndex(ValueLayout.JAVA_FLOAT, 0) != 0, "step " + i);
        assertArrayEquals(values(boundValue), values(movedValue), "step " + i);
      }
    }
  }

  private static Parameter parameter(Buffer value, Buffer gradient, boolean updates) {
    return updates ? new Parameter("w", value, gradient).withUpdate(Update.subtracted())
        : new Parameter("w", value, gradient, true);
  }

  private static float[] values(Buffer buffer) {
    float[] values = new float[Math.toIntExact(buffer.length())];
    buffer.copyTo(MemorySegment.ofArray(values));
    return values;
  }

  @Test
  void memoryThatRunsOutIsGivenBack() {
    HostDriver driver = new HostDriver(100_000);
    try (Device device = HostCuda.open(driver)) {
      List<ParameterGroup> groups = List.of(group(device, StepConfig.nlarcm(), "t", 1, 10_000));
      int before = driver.allocations().size();
      DeviceMemoryException refused = assertThrows(DeviceMemoryException.class, () -> device.compile(groups));
      assertTrue(refused.getMessage().contains("the state of 1 parameters"), refused.getMessage());
      assertEquals(before, driver.allocations().size());
    }
  }

  /** Refuses one launch, and clearing memory if asked to: a kernel is loaded at its first launch, for which memory lacks. */
  private static final class RefusingDriver extends HostDriver {
    long launches;
    long refused = -1;
    boolean refusesToClear;
    /** Whether the launch is not refused, but ended by the JVM when the driver has taken it. */
    boolean jvmFails;

    RefusingDriver() {
      super(1L << 30);
    }

    @Override
    void launched(String name, MemorySegment entry, int threadBlocks, int threads, MemorySegment arguments) {
      if (launches++ == refused) {
        if (jvmFails) {
          super.launched(name, entry, threadBlocks, threads, arguments);
          throw new OutOfMemoryError("Java heap space");
        }
        throw new DeviceException("launching a kernel failed: CUDA_ERROR_OUT_OF_MEMORY");
      }
      super.launched(name, entry, threadBlocks, threads, arguments);
    }

    @Override
    public void zero(long address, long bytes) {
      if (refusesToClear) {
        throw new DeviceException("clearing memory failed: CUDA_ERROR_ILLEGAL_ADDRESS");
      }
      super.zero(address, bytes);
    }
  }

  /** Gradients of four types, one reduction each, under one norm; updates of as many kernels. */
  @Test
  void groupsOfAnyStorageShareTheNorm() {
    StepConfig compact = StepConfig.nlarcm().withPrecision(Precision.compact().withSeed(5));
    List<GroupSpec> groups = List.of(
        GroupSpec.of(StepConfig.nlarcm(), DType.FLOAT32, new TensorSpec("a", 5000), new TensorSpec("b", 3, true)),
        GroupSpec.of(compact, DType.BFLOAT16, new TensorSpec("c", 4099, true), new TensorSpec("d", 8)),
        new GroupSpec(compact, DType.FLOAT32, DType.BFLOAT16, List.of(new TensorSpec("e", 4096))),
        GroupSpec.of(compact, DType.FLOAT16, new TensorSpec("f", 1031), new TensorSpec("g", 0)),
        GroupSpec.of(StepConfig.nlarsm(), DType.FLOAT64, new TensorSpec("h", 2050)));
    List<String> launched = new ArrayList<>();
    for (Layout layout : List.of(Layout.ALLOCATED, Layout.SLICED)) {
      HostDriver driver = new HostDriver(1L << 30) {
        @Override
        void launched(String name, MemorySegment entry, int blocks, int threads, MemorySegment arguments) {
          launched.add(name);
          super.launched(name, entry, blocks, threads, arguments);
        }
      };
      BitCase run = new BitCase("any storage", 7, groups, 4, layout, Inputs.ORDINARY, false);
      try (Device device = HostCuda.open(driver)) {
        assertEquals(Optional.empty(), BitComparison.run(device, run));
      }
    }
    assertEquals(2 * 4 * (4 + 5), launched.size());
    assertEquals(4 + 5, Set.copyOf(launched).size());
  }

  private static final List<GroupSpec> BOTH_TYPES = List.of(
      GroupSpec.of(StepConfig.nlarcm(), DType.FLOAT32, new TensorSpec("a", 5000), new TensorSpec("b", 3)),
      GroupSpec.of(StepConfig.nlarcm(), DType.FLOAT64, new TensorSpec("c", 2050)));

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aReductionLaunchedInPartLeavesNothingBehind(boolean jvmFails) {
    RefusingDriver driver = new RefusingDriver();
    driver.jvmFails = jvmFails;
    try (Device device = HostCuda.open(driver);
        DeviceModel model = new DeviceModel(device, BOTH_TYPES, Layout.ALLOCATED)) {
      ReferenceStep reference = new ReferenceStep(BOTH_TYPES);
      reference.tensors().forEach(tensor -> Arrays.fill(tensor.gradient(), 0.25));
      model.setValues(reference);
      model.setGradients(reference);
      for (int refused = 0; refused < 2; refused++) {
        driver.launches = 0;
        driver.refused = refused;
        assertThrows(DeviceException.class, model.step()::run);
        reference.run();
        model.step().run();
        assertEquals(Optional.empty(), BitComparison.difference("after launch " + refused, 1, reference, model));
      }
    }
  }

  @Test
  void aReductionThatCannotBeTakenBackEndsTheStep() {
    RefusingDriver driver = new RefusingDriver();
    try (Device device = HostCuda.open(driver);
        DeviceModel model = new DeviceModel(device, BOTH_TYPES, Layout.ALLOCATED)) {
      driver.refused = 1;
      driver.refusesToClear = true;
      assertThrows(DeviceException.class, model.step()::run);
      StepFailedException ended = assertThrows(StepFailedException.class, model.step()::run);
      assertTrue(ended.getMessage().contains("OUT_OF_MEMORY"), ended.getMessage());
    }
  }

  /** Something that fails to close, whatever it throws, keeps nothing else from being released. */
  @Test
  void closingGoesOnAfterAnyFailure() {
    HostDriver driver = new HostDriver(1L << 30) {
      @Override
      public void synchronize() {
        throw new IllegalStateException("not one of ours");
      }
    };
    try (Device device = HostCuda.open(driver)) {
      List<ParameterGroup> groups = List.of(group(device, StepConfig.nlarcm(), "t", 3, 100));
      int before = driver.allocations().size();
      Step step = device.compile(groups);
      assertThrows(IllegalStateException.class, step::close);
      assertEquals(before, driver.allocations().size());
    }
  }

  /** A GPU that breaks while a step runs: the launch is taken, waiting for it fails. */
  private static final class BreakingDriver extends HostDriver {
    private boolean broken;

    BreakingDriver(long memoryBytes) {
      super(memoryBytes);
    }

    @Override
    void launched(String name, MemorySegment entry, int threadBlocks, int threads, MemorySegment arguments) {
      broken = true;
    }

    @Override
    public Marks marks() {
      Marks marks = super.marks();
      return new Marks() {
        @Override
        public void set(long ticket) {
          marks.set(ticket);
        }

        @Override
        public void await(long ticket) {
          synchronize();
        }

        @Override
        public void close() {
          marks.close();
        }
      };
    }

    @Override
    public void synchronize() {
      if (broken) {
        throw new DeviceException("a step on the GPU failed: CUDA_ERROR_ILLEGAL_ADDRESS");
      }
    }
  }

  @Test
  void aFailureOfTheGpuIsReportedByItsTicketAndPoisonsTheStep() {
    Device device = HostCuda.open(new BreakingDriver(1L << 30));
    try {
      Step step = device.compile(List.of(group(device, StepConfig.nlarcm(), "t", 1, 10)));
      long ticket = step.run();
      StepFailedException failed = assertThrows(StepFailedException.class, () -> step.await(ticket));
      assertTrue(failed.getMessage().contains("ILLEGAL_ADDRESS"), failed.getMessage());
      assertThrows(StepFailedException.class, step::run);
    } finally {
      DeviceException again = assertThrows(DeviceException.class, device::close);
      assertTrue(again.getMessage().contains("ILLEGAL_ADDRESS"), again.getMessage());
    }
  }

  @Test
  void openingAndClosingStepsLeavesNothingBehind() {
    HostDriver driver = new HostDriver(1L << 30);
    try (Device device = HostCuda.open(driver)) {
      List<ParameterGroup> groups = List.of(group(device, StepConfig.nlarcm(), "t", 3, 100));
      int before = driver.allocations().size();
      for (int i = 0; i < 1000; i++) {
        try (Step step = device.compile(groups)) {
          step.await(step.run());
        }
        assertEquals(before, driver.allocations().size());
      }
    }
  }

  @Test
  void addressesThatNoKernelCanReadAreRefused() {
    try (Device device = HostCuda.open()) {
      BufferException odd =
          assertThrows(BufferException.class, () -> device.wrap(DType.FLOAT64, 4, 0x10_0004L));
      assertTrue(odd.getMessage().contains("multiple of 8"), odd.getMessage());
      assertThrows(BufferException.class, () -> device.wrap(DType.FLOAT32, 4, 64));
    }
  }
}
