package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.CallOrderException;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.DeviceMemoryException;
import io.nlar.NonFinite;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Part;
import io.nlar.Precision;
import io.nlar.Restore;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.spi.Probe;
import io.nlar.spi.device.AbstractBuffer;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GoldenResult;
import io.nlar.testkit.GoldenRun;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.RandomCases;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import io.nlar.testkit.Trace;
import io.nlar.testkit.Traces;
import io.nlar.testkit.Written;
import io.nlar.testkit.process.ResidentMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** What only a GPU can show; used by the tests and, where there is no build, by {@link GpuCheck}. */
final class GpuChecks {
  private static final List<GroupSpec> GROUPS = List.of(
      GroupSpec.of(StepConfig.nlarcm(), DType.FLOAT32, new TensorSpec("a", 50_000), new TensorSpec("b", 3)),
      GroupSpec.of(StepConfig.nlarsm(), DType.FLOAT64, new TensorSpec("c", 1025)));

  private GpuChecks() {}

  static boolean hasMemory(Device device, long bytes) {
    return device.info().memoryBytes() >= bytes;
  }

  private static void expect(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }

  private static void expect(boolean condition, Supplier<String> message) {
    if (!condition) {
      throw new AssertionError(message.get());
    }
  }

  private static void expectSameBits(String where, int step, ReferenceStep reference, DeviceModel model) {
    BitComparison.difference(where, step, reference, model).ifPresent(difference -> {
      throw new AssertionError(difference.toString());
    });
  }

  /** Values and gradients, the same for both. */
  private static void start(ReferenceStep reference, DeviceModel model) {
    SplittableRandom random = new SplittableRandom(1);
    for (ReferenceTensor tensor : reference.tensors()) {
      Arrays.setAll(tensor.value(), i -> tensor.type().round(random.nextGaussian()));
      Arrays.setAll(tensor.gradient(), i -> tensor.type().round(random.nextGaussian()));
    }
    model.setValues(reference);
    model.setGradients(reference);
  }

  /** The bits of the reference in every setting and storage, at every length, over many tensors, and of averaged rules. */
  static int bits(Device device) {
    List<BitCase> cases =
        Stream.of(RandomCases.everySetting(), RandomCases.everyLength(), RandomCases.groups(), RandomCases.storages(),
            RandomCases.averaged()).flatMap(List::stream).toList();
    for (BitCase run : cases) {
      BitComparison.run(device, run).ifPresent(difference -> {
        throw new AssertionError(difference.toString());
      });
    }
    return cases.size();
  }

  /** All recorded runs, in both types; returns how many. */
  static int golden(Device device) {
    int passed = 0;
    for (DType type : DType.arithmetics()) {
      for (Trace trace : Traces.all()) {
        GoldenResult result = GoldenRun.run(device, type, trace);
        expect(result.passed(), trace + " in " + type + ": " + result.errors());
        passed++;
      }
    }
    return passed;
  }

  /** State goes to the CPU backend and back in mid-run, and the bits are those of a run without a break. */
  static void restore(Device gpu) throws IOException {
    Path file = Files.createTempFile("nlar-gpu-check", ".safetensors");
    try (Device cpu = Backends.open("cpu")) {
      ReferenceStep reference = new ReferenceStep(GROUPS);
      for (Device device : List.of(gpu, cpu, gpu)) {
        try (DeviceModel model = new DeviceModel(device, GROUPS, Layout.SLICED)) {
          if (reference.control()[Control.COMPLETED.ordinal()] == 0) {
            start(reference, model);
          } else {
            model.setValues(reference);
            model.setGradients(reference);
            model.step().restore(file, Restore.STRICT);
            HostValues.write(model.step().control(), reference.control());
          }
          for (int step = 1; step <= 3; step++) {
            reference.run(0.5, 1);
            model.step().run(0.5, 1);
            expectSameBits("on " + device, step, reference, model);
          }
          model.step().save(file);
        }
      }
    } finally {
      Files.delete(file);
    }
  }

  /** A step captured in a graph: replays go on with t, and see what lies in the control block. */
  static void capturedGraph(int ordinal) {
    onOwnStream(ordinal, (context, stream, device) -> {
      ReferenceStep reference = new ReferenceStep(GROUPS);
      try (DeviceModel model = new DeviceModel(device, GROUPS, Layout.SLICED)) {
        start(reference, model);
        model.step().run();
        reference.run();
        try (GpuGraph graph = GpuGraph.capture(context, stream, device, model.step()::run)) {
          expectSameBits("a capture runs nothing", 1, reference, model);
          for (int replay = 1; replay <= 4; replay++) {
            double factor = 1.0 / replay;
            HostValues.write(model.step().control().slice(Control.RATE_FACTOR.ordinal(), 1), factor);
            reference.run(1, factor);
            graph.launch();
            expectSameBits("replay", replay, reference, model);
          }
          double[] control = HostValues.read(model.step().control());
          expect(control[Control.APPLIED.ordinal()] == 5, "applied: " + control[Control.APPLIED.ordinal()]);
        }
      }
    });
  }

  /** Nothing can be waited for while a graph is captured; asking for it is refused, and the capture goes on. */
  static void waitingInACapture(int ordinal) {
    onOwnStream(ordinal, (context, stream, device) -> {
      try (Buffer buffer = device.allocate(DType.FLOAT32, 100)) {
        device.synchronize();
        CUgraph graph = new CUgraph();
        context.enter();
        try {
          CudaErrors.check(JCudaDriver.cuStreamBeginCapture(
              stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), "beginning a capture");
          expectRefused(device::synchronize);
          expectRefused(() -> HostValues.read(buffer));
          expectRefused(() -> HostValues.write(buffer, new double[100]));
          CudaErrors.check(JCudaDriver.cuStreamEndCapture(stream, graph), "ending a capture");
          JCudaDriver.cuGraphDestroy(graph);
        } finally {
          context.leave();
        }
        HostValues.read(buffer);
      }
    });
  }

  private static void expectRefused(Runnable waiting) {
    try {
      waiting.run();
    } catch (CallOrderException refused) {
      return;
    }
    throw new AssertionError("waiting while a graph is captured was not refused");
  }

  /** What is done on a stream that is not the device's own. */
  interface OnStream {
    void accept(GpuContext context, CUstream stream, Device device);
  }

  static void onOwnStream(int ordinal, OnStream action) {
    GpuContext context = new GpuContext(ordinal);
    CUstream stream = new CUstream();
    context.enter();
    try {
      CudaErrors.check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "creating a stream");
    } finally {
      context.leave();
    }
    try (Device device = Cuda.device(ordinal, stream)) {
      action.accept(context, stream, device);
    }
    // Still the caller's after the device was closed.
    context.enter();
    CudaErrors.check(JCudaDriver.cuStreamSynchronize(stream), "using the caller's stream");
    CudaErrors.check(JCudaDriver.cuStreamDestroy(stream), "destroying the caller's stream");
    context.leave();
    context.close();
  }

  /** Steps in order with other work on the caller's stream; the default stream by its handle. */
  static void callersStream(int ordinal) {
    onOwnStream(ordinal, (context, stream, device) -> sameBits(device));
    try (Device device = Cuda.device(ordinal, 0L)) {
      sameBits(device);
    }
  }

  private static void sameBits(Device device) {
    ReferenceStep reference = new ReferenceStep(GROUPS);
    try (DeviceModel model = new DeviceModel(device, GROUPS, Layout.SLICED)) {
      start(reference, model);
      for (int step = 1; step <= 3; step++) {
        reference.run(0.5, 1);
        model.step().await(model.step().run(0.5, 1));
        expectSameBits("the caller's stream", step, reference, model);
      }
    }
  }

  /** Device pointers of someone else. */
  static void wrappedAddresses(int ordinal) {
    GpuDriver owner = GpuDriver.withOwnStream(ordinal);
    try (Device device = new CudaBackend().open(devices(ordinal))) {
      long address = owner.allocate(4096, "a test");
      try (Buffer wrapped = device.wrap(DType.FLOAT32, 1000, address + 4)) {
        double[] values = new double[1000];
        Arrays.setAll(values, i -> i);
        HostValues.write(wrapped, values);
        expect(Arrays.equals(values, HostValues.read(wrapped)), "what was written is read back");
      }
      try {
        device.wrap(DType.FLOAT32, 4096, address);
        throw new AssertionError("more than was allocated was taken");
      } catch (BufferException refused) {
        expect(refused.getMessage().contains("beyond the end"), refused.getMessage());
      }
      owner.free(address);
      try (Arena arena = Arena.ofConfined()) {
        device.wrap(DType.FLOAT32, 4, arena.allocate(64, 16).address());
        throw new AssertionError("an address of the host was taken");
      } catch (BufferException refused) {
        expect(refused.getMessage().contains("no address of memory"), refused.getMessage());
      }
    } finally {
      owner.close();
    }
  }

  /** More memory than there is: refused with the sizes, and the device works on. */
  static void memoryThatRunsOut(Device device) {
    long tooMuch = device.info().memoryBytes();
    try {
      device.allocate(DType.FLOAT64, tooMuch);
      throw new AssertionError("more memory than there is was allocated");
    } catch (DeviceMemoryException refused) {
      expect(refused.getMessage().contains(tooMuch * Double.BYTES + " bytes"), refused.getMessage());
    }
    sameBits(device);
  }

  /** Copies that take several pieces of the staging memory, to and fro, of every element. */
  static void copiesInPieces(Device device) {
    double[] values = new double[(1 << 21) + 12_345];
    Arrays.setAll(values, i -> i);
    try (Buffer buffer = device.allocate(DType.FLOAT64, values.length)) {
      for (int round = 0; round < 3; round++) {
        values[0] = -round;
        values[values.length - 1] = round;
        HostValues.write(buffer, values);
        expect(Arrays.equals(values, HostValues.read(buffer)), "what was copied comes back");
      }
      ((AbstractBuffer) buffer).fill(0.5);
      expect(Arrays.stream(HostValues.read(buffer)).allMatch(value -> value == 0.5), "what was filled comes back");
    }
  }

  /** Bytes of Java heap that a run takes, JCuda's share included: less than one. */
  static double heapBytesPerRun(Device device) {
    int runs = 4000;
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Buffer value = device.allocate(DType.FLOAT32, 100);
        Buffer gradient = device.allocate(DType.FLOAT32, 100);
        Step step = device.compile(List.of(
            new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("a", value, gradient)))))) {
      runs(step, runs);
      long before = threads.getCurrentThreadAllocatedBytes();
      runs(step, runs);
      double bytes = (threads.getCurrentThreadAllocatedBytes() - before) / (double) (2 * runs);
      expect(bytes < 1, bytes + " bytes of heap a run");
      return bytes;
    }
  }

  private static void runs(Step step, int runs) {
    for (int i = 0; i < runs; i++) {
      step.run();
      step.run(0.5, 0.25);
    }
  }

  private static DeviceInfo devices(int ordinal) {
    return ((Probe.Available) CudaProbe.probe()).devices().stream()
        .filter(device -> device.index() == ordinal).findFirst().orElseThrow();
  }

  /** Opens and closes steps, and now and then the device; returns by how much the used memory grew. */
  static long growth(int ordinal, int cycles) {
    GpuDriver witness = GpuDriver.withOwnStream(ordinal);
    try {
      cycle(ordinal, 20);
      long before = free(ordinal);
      for (int done = 0; done < cycles; done += 100) {
        cycle(ordinal, 100);
      }
      return before - free(ordinal);
    } finally {
      witness.close();
    }
  }

  /** By how many bytes the process grows in {@code steps} steps behind as many that warm it up. */
  static long residentGrowth(Device device, int steps) throws IOException {
    try (Buffer value = device.allocate(DType.FLOAT32, 1000);
        Buffer gradient = device.allocate(DType.FLOAT32, 1000);
        Step step = device.compile(List.of(
            new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("a", value, gradient)))))) {
      step.await(manyRuns(step, steps));
      long before = ResidentMemory.bytes();
      step.await(manyRuns(step, steps));
      return ResidentMemory.bytes() - before;
    }
  }

  private static long manyRuns(Step step, int steps) {
    long ticket = 0;
    for (int i = 0; i < steps; i++) {
      ticket = step.run();
    }
    return ticket;
  }

  private static void cycle(int ordinal, int steps) {
    try (Device device = new CudaBackend().open(devices(ordinal));
        Buffer value = device.allocate(DType.FLOAT32, 100_000);
        Buffer gradient = device.allocate(DType.FLOAT32, 100_000)) {
      for (int i = 0; i < steps; i++) {
        try (Step step = device.compile(List.of(
            new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("a", value, gradient)))))) {
          step.run();
        }
      }
    }
  }

  private static long free(int ordinal) {
    GpuContext context = new GpuContext(ordinal);
    context.enter();
    try {
      long[] free = new long[1];
      CudaErrors.check(JCudaDriver.cuMemGetInfo(free, new long[1]), "asking for free memory");
      return free[0];
    } finally {
      context.leave();
      context.close();
    }
  }

  /**
   * One tensor of more elements than 31, 32 or 33 bits count.
   *
   * @param bits it has somewhat more than 2 to this power
   * @param bytesEach bytes an element: value, gradient and state
   */
  record Vast(StepConfig config, DType type, int bits, int bytesEach) {
    /** Elements of each place at which bits are compared. */
    private static final int SAMPLE = 4321;
    /** Parts of such tensors begin at multiples of this. */
    private static final long UNIT = 1 << 16;
    /** For tables, sums and the driver, in bytes. */
    private static final long ROOM = 2L << 30;

    long length() {
      return (1L << bits) + UNIT + SAMPLE;
    }

    long bytes() {
      return length() * bytesEach + ROOM;
    }

    /** With fewer elements, for a try. */
    Vast atMost(int mostBits) {
      return new Vast(config, type, Math.min(bits, mostBits), bytesEach);
    }

    /** The beginning, both sides of each power from 2³¹ on, and the end. */
    private List<Long> places() {
      List<Long> places = new ArrayList<>(List.of(0L));
      for (int power = Math.min(31, bits); power <= bits; power++) {
        places.addAll(List.of((1L << power) - UNIT, 1L << power));
      }
      places.add(length() - SAMPLE);
      return places;
    }
  }

  /** All in float32, beyond 2³¹; and bfloat16 alone with state in 16 bits, whose random bits count in pairs, beyond 2³³. */
  static final List<Vast> VAST = List.of(new Vast(StepConfig.nlarcm(), DType.FLOAT32, 31, 20),
      new Vast(StepConfig.adamw().withPrecision(Precision.compact().withMaster(Precision.Master.NONE)), DType.BFLOAT16, 33, 8));

  /** A vast tensor is summed as a whole, and updated to the reference's bits where these are looked at. */
  static Finding vast(Device device, Vast vast) {
    long length = vast.length();
    if (!hasMemory(device, vast.bytes())) {
      return Finding.skipped("memory").after("parameters", length);
    }
    StepConfig config = vast.config.withScaling(new Scaling.Value(0.5)).withNonFinite(NonFinite.SKIP);
    List<ReferenceStep> references = vast.places().stream().map(place -> new ReferenceStep(List.of(GroupSpec.of(config, vast.type,
        new TensorSpec("a", Vast.SAMPLE, false, Written.VALUE, new Part(place, length)))), length)).toList();
    try (Buffer value = device.allocate(vast.type, length);
        Buffer gradient = device.allocate(vast.type, length);
        Step step = device.compile(List.of(
            new ParameterGroup(config, List.of(new Parameter("a", value, gradient)))))) {
      ((AbstractBuffer) value).fill(1);
      ((AbstractBuffer) gradient).fill(1);
      step.reduce();
      double[] sums = HostValues.read(step.sumsOfSquares());
      expect(sums[0] == length && sums[1] == length,
          "sums of squares of " + length + " ones: " + Arrays.toString(sums));
      SplittableRandom random = new SplittableRandom(3);
      for (ReferenceStep reference : references) {
        ReferenceTensor expected = reference.tensors().getFirst();
        Arrays.setAll(expected.value(), i -> vast.type.round(random.nextGaussian()));
        Arrays.setAll(expected.gradient(), i -> vast.type.round(random.nextGaussian()));
        HostValues.write(value.slice(place(expected), Vast.SAMPLE), expected.value());
        HostValues.write(gradient.slice(place(expected), Vast.SAMPLE), expected.gradient());
      }
      for (int number = 1; number <= 2; number++) {
        step.run(1, 1);
        for (ReferenceStep reference : references) {
          reference.run(1, 1);
          ReferenceTensor expected = reference.tensors().getFirst();
          expectSame(expected, "value", number, expected.value(), value);
          for (Slot slot : config.slots(vast.type)) {
            expectSame(expected, slot.toString(), number, expected.state(slot), step.state("a", slot));
          }
        }
      }
      return Finding.passed("places", references.size()).after("parameters", length);
    }
  }

  private static long place(ReferenceTensor tensor) {
    return tensor.spec().offset();
  }

  private static void expectSame(ReferenceTensor tensor, String what, int step, double[] expected, Buffer whole) {
    double[] actual = HostValues.read(whole.slice(place(tensor), expected.length));
    int index = Arrays.mismatch(expected, actual);
    expect(index < 0, () -> "step " + step + ", " + what + " of element " + (place(tensor) + index) + ": " + actual[index]
        + " instead of " + expected[index]);
  }
}
