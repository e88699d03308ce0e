package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.DeviceException;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.StepFailedException;
import io.nlar.spi.Releases;
import io.nlar.testkit.HostValues;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Errors of the driver in the midst of a step: before the update nothing is lost, after it everybody is told. */
class FaultTest {
  /** Tensors in allocations of their own: more than one launch takes, so that a pass is several launches. */
  private static final int TENSORS = 20;
  private static final int LAUNCHES = 3;

  /** Refuses one launch, counted from when it was told to, or everything of a kind. */
  private static final class FaultyQueue extends CommandQueue {
    private int launchesUntilFault = Integer.MAX_VALUE;
    private String broken = "";

    FaultyQueue(cl_command_queue queue) {
      super(queue);
    }

    @Override
    void launch(cl_kernel kernel, long[] workItems, long[] groupSize) {
      if (--launchesUntilFault == 0) {
        Cl.check(CL.CL_OUT_OF_RESOURCES, "launch a kernel");
      }
      super.launch(kernel, workItems, groupSize);
    }

    private void refuse(String kind) {
      if (broken.contains(kind)) {
        Cl.check(CL.CL_OUT_OF_RESOURCES, kind);
      }
    }

    @Override
    void flush() {
      refuse("flush");
      super.flush();
    }

    @Override
    void finish() {
      super.finish();
      refuse("finish");
    }

    @Override
    void write(cl_mem memory, long offset, MemorySegment host) {
      refuse("write");
      super.write(memory, offset, host);
    }

    @Override
    void fill(cl_mem memory, long offset, long bytes, byte[] pattern) {
      refuse("fill");
      super.fill(memory, offset, bytes, pattern);
    }
  }

  private final List<Buffer> values = new ArrayList<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private FaultyQueue queue;
  private OpenClDevice device;
  private Step step;

  @BeforeEach
  void compile() {
    device = TestDevices.open(handle -> queue = new FaultyQueue(handle));
    for (int i = 0; i < TENSORS; i++) {
      Buffer value = device.allocate(DType.FLOAT32, 2000);
      Buffer gradient = device.allocate(DType.FLOAT32, 2000);
      double[] g = new double[2000];
      Arrays.fill(g, 0.25 * i);
      HostValues.write(gradient, g);
      values.add(value);
      parameters.add(new Parameter("w" + i, value, gradient));
    }
    step = device.compile(List.of(new ParameterGroup(StepConfig.nlarsm(), parameters)));
  }

  @AfterEach
  void close() {
    if (device != null) {
      device.close();
    }
  }

  private double[] everything() {
    List<double[]> all = new ArrayList<>();
    values.forEach(value -> all.add(HostValues.read(value)));
    for (Parameter parameter : parameters) {
      for (Slot slot : List.of(Slot.VELOCITY, Slot.RATE, Slot.WEIGHT)) {
        all.add(HostValues.read(step.state(parameter.name(), slot)));
      }
    }
    return all.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  @Test
  void anErrorInAnyLaunchOfTheReductionLosesNothing() {
    step.run(1, 1);
    double[] sums = HostValues.read(step.sumsOfSquares());
    for (int launch = 1; launch <= LAUNCHES; launch++) {
      double[] before = everything();
      queue.launchesUntilFault = launch;
      DeviceException error = assertThrows(DeviceException.class, () -> step.run(1, 1));
      assertTrue(error.getMessage().contains("CL_OUT_OF_RESOURCES"), error.getMessage());
      assertArrayEquals(before, everything());
      assertEquals(launch, step.stats().applied());
      step.await(step.run(1, 1));
      assertArrayEquals(sums, HostValues.read(step.sumsOfSquares()), "the sums after a broken reduction");
    }
    assertEquals(1 + LAUNCHES, step.stats().applied());
  }

  @Test
  void anErrorInTheUpdatePoisonsTheStep() {
    step.run(1, 1);
    queue.launchesUntilFault = LAUNCHES + 2;
    StepFailedException failed = assertThrows(StepFailedException.class, () -> step.run(1, 1));
    assertTrue(failed.getMessage().contains("CL_OUT_OF_RESOURCES"), failed.getMessage());
    assertThrows(StepFailedException.class, () -> step.run(1, 1));
    assertThrows(StepFailedException.class, step::stats);
    // The device goes on: a new step over the same tensors works.
    step.close();
    try (Step again = device.compile(List.of(new ParameterGroup(StepConfig.nlarsm(), parameters)))) {
      again.await(again.run(1, 1));
      assertEquals(1, again.stats().applied());
    }
  }

  @Test
  void anErrorInStartingTheReductionLosesNothing() {
    step.run(1, 1);
    double[] before = everything();
    queue.broken = "flush";
    assertThrows(DeviceException.class, () -> step.run(1, 1));
    queue.broken = "";
    assertArrayEquals(before, everything());
    step.await(step.run(1, 1));
    assertEquals(2, step.stats().applied());
  }

  @Test
  void anErrorInStartingOrFinishingTheUpdatePoisonsTheStep() {
    step.reduce();
    queue.broken = "flush";
    assertThrows(StepFailedException.class, () -> step.apply(1, 1));
    queue.broken = "";
    assertThrows(StepFailedException.class, () -> step.run(1, 1));
    step.close();
    step = device.compile(List.of(new ParameterGroup(StepConfig.nlarsm(), parameters)));
    long ticket = step.run(1, 1);
    queue.broken = "finish";
    assertThrows(StepFailedException.class, () -> step.await(ticket));
    queue.broken = "";
    assertThrows(StepFailedException.class, step::stats);
    assertClosesWithoutALeak();
  }

  @Test
  void bindingsAndSettingsThatCannotBeWrittenChangeNothing() {
    step.await(step.run(1, 1));
    queue.broken = "write";
    assertThrows(DeviceException.class, () -> step.rebind(List.of(parameters.getFirst())));
    assertThrows(DeviceException.class, () -> step.reconfigure(0, StepConfig.nlarsm().withLearningRate(2)));
    queue.broken = "";
    assertEquals(StepConfig.nlarsm(), step.config(0));
    step.await(step.run(1, 1));
    assertEquals(2, step.stats().applied());
    assertClosesWithoutALeak();
  }

  @Test
  void whatFailsToCompileOrAllocateLeavesNothing() {
    long taken = device.memoryTaken();
    for (String broken : new String[] {"write", "fill", "finish"}) {
      queue.broken = broken;
      assertThrows(DeviceException.class,
          () -> device.compile(List.of(new ParameterGroup(StepConfig.nlarsm(), parameters))), broken);
      assertEquals(taken, device.memoryTaken(), broken);
    }
    assertThrows(DeviceException.class, () -> device.allocate(DType.FLOAT32, 10));
    assertEquals(taken, device.memoryTaken());
    queue.broken = "";
    assertClosesWithoutALeak();
  }

  private void assertClosesWithoutALeak() {
    step.close();
    device.close();
    assertEquals(0, device.memoryTaken());
  }

  @Test
  void aDeviceThatIsLostIsClosedToTheEnd() {
    cl_context context = device.context();
    Cl.run("hold the context", () -> CL.clRetainContext(context));
    step.run(1, 1);
    queue.broken = "flush finish write fill";
    assertThrows(DeviceException.class, step::close);
    assertThrows(DeviceException.class, device::close);
    assertEquals(0, device.memoryTaken());
    TestDevices.assertReferences(1, context);
    Cl.run("release the context", () -> CL.clReleaseContext(context));
  }

  @Test
  void everyComplaintIsKeptWhereThereAreSeveral() {
    List<String> released = new ArrayList<>();
    Releases all = new Releases();
    for (String name : List.of("first", "second", "third")) {
      all.add(() -> {
        released.add(name);
        throw new DeviceException(name);
      });
    }
    DeviceException thrown = assertThrows(DeviceException.class, all::release);
    assertEquals(List.of("third", "second", "first"), released);
    assertEquals("third", thrown.getMessage());
    assertEquals(List.of("second", "first"), Arrays.stream(thrown.getSuppressed()).map(Throwable::getMessage).toList());
  }
}
