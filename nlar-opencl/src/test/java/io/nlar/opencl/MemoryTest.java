package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceMemoryException;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.contract.Required;
import io.nlar.testkit.process.ResidentMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jocl.CL;
import org.jocl.cl_mem;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Limits of memory, and that none is used up by running or by opening and closing. */
class MemoryTest {

  private static Step step(Device device, Buffer value, Buffer gradient) {
    return device.compile(List.of(
        new ParameterGroup(StepConfig.nlarsm(), List.of(new Parameter("w", value, gradient)))));
  }

  @Test
  void buffersBeyondTheLargestAreRefusedWithTheLimit() {
    DeviceFacts facts = TestDevices.facts();
    try (Device device = TestDevices.open(facts, Mapping.of(facts))) {
      for (long length : new long[] {facts.largestBuffer() / 4 + 1, Long.MAX_VALUE}) {
        DeviceMemoryException refused =
            assertThrows(DeviceMemoryException.class, () -> device.allocate(DType.FLOAT32, length));
        assertTrue(refused.getMessage().contains(facts.largestBuffer() + " bytes"), refused.getMessage());
      }
    }
  }

  @Test
  void stateBeyondTheLargestIsRefused() {
    DeviceFacts facts = TestDevices.withLargestBuffer(TestDevices.facts(), 1 << 16);
    try (OpenClDevice device = TestDevices.open(facts, Mapping.of(facts))) {
      // The caller's memory is as large as the driver allows.
      cl_mem memory = Cl.create("allocate", status -> CL.clCreateBuffer(
          device.context(), CL.CL_MEM_READ_WRITE, 2 << 16, null, status));
      long taken = device.memoryTaken();
      Buffer value = device.wrap(DType.FLOAT32, memory, 0, (1 << 14) + 1);
      DeviceMemoryException refused = assertThrows(DeviceMemoryException.class, () -> step(device, value, null));
      assertTrue(refused.getMessage().contains("the state of 1 parameters takes 65540 bytes"), refused.getMessage());
      assertTrue(refused.getMessage().contains("65536"), refused.getMessage());
      assertEquals(taken, device.memoryTaken());
      step(device, device.wrap(DType.FLOAT32, memory, 0, 1 << 14), null).close();
      CL.clReleaseMemObject(memory);
    }
  }

  /** Whether the update runs or the reduction alone: what is enqueued must be done before the memory can be freed. */
  @Test
  void closingWrappedHostMemoryWaitsForWorkOnIt() {
    for (boolean update : new boolean[] {true, false}) {
      CountingQueue[] queue = new CountingQueue[1];
      try (OpenClDevice device = TestDevices.open(handle -> queue[0] = new CountingQueue(handle))) {
        Assumptions.assumeTrue(device.info().nativeMemory());
        Arena arena = Arena.ofShared();
        Buffer value = device.allocate(DType.FLOAT32, 1 << 20);
        Buffer gradient = device.wrap(DType.FLOAT32, arena.allocate(4L << 20, 4));
        Step step = step(device, value, gradient);
        if (update) {
          step.run(1, 1);
        } else {
          step.reduce();
          assertTrue(queue[0].unfinished > 0, "the reduction is only enqueued");
        }
        gradient.close();
        assertEquals(0, queue[0].unfinished);
        arena.close();
        step.close();
      }
    }
  }

  @Test
  void rebindingWaitsForAReductionOverWrappedHostMemory() {
    CountingQueue[] queue = new CountingQueue[1];
    try (OpenClDevice device = TestDevices.open(handle -> queue[0] = new CountingQueue(handle))) {
      Assumptions.assumeTrue(device.info().nativeMemory());
      Arena arena = Arena.ofShared();
      Buffer value = device.allocate(DType.FLOAT32, 1 << 20);
      Step step = step(device, value, device.wrap(DType.FLOAT32, arena.allocate(4L << 20, 4)));
      step.reduce();
      step.rebind(List.of(new Parameter("w", value, device.allocate(DType.FLOAT32, 1 << 20))));
      assertEquals(0, queue[0].unfinished);
      arena.close();
      step.await(step.run(1, 1));
    }
  }

  @Test
  void launchesInFlightAreBounded() {
    CountingQueue[] queue = new CountingQueue[1];
    try (OpenClDevice device = TestDevices.open(handle -> queue[0] = new CountingQueue(handle));
        Step step = step(device, device.allocate(DType.FLOAT32, 1), device.allocate(DType.FLOAT32, 1))) {
      int most = 0;
      for (int i = 0; i < CommandQueue.MOST_LAUNCHES; i++) {
        step.run(1, 1);
        most = Math.max(most, queue[0].unfinished);
      }
      assertTrue(most > 1000 && most <= CommandQueue.MOST_LAUNCHES, most + " launches in flight");
    }
  }

  @Test
  void hostMemoryBeyondTheLargestIsRefused() {
    DeviceFacts facts = TestDevices.withLargestBuffer(TestDevices.facts(), 1 << 16);
    try (Device device = TestDevices.open(facts, Mapping.of(facts)); Arena arena = Arena.ofShared()) {
      Assumptions.assumeTrue(device.info().nativeMemory());
      MemorySegment host = arena.allocate((1 << 16) + 4, 4);
      DeviceMemoryException refused =
          assertThrows(DeviceMemoryException.class, () -> device.wrap(DType.FLOAT32, host));
      assertTrue(refused.getMessage().contains("65536"), refused.getMessage());
    }
  }

  @Test
  void runningOutOfMemoryIsReportedAndHarmless() {
    DeviceFacts facts = TestDevices.withMemory(TestDevices.facts(), 1 << 20);
    try (Device device = TestDevices.open(facts, Mapping.of(facts))) {
      for (int round = 0; round < 3; round++) {
        Buffer value = device.allocate(DType.FLOAT32, 60_000);
        Buffer gradient = device.allocate(DType.FLOAT32, 60_000);
        DeviceMemoryException full =
            assertThrows(DeviceMemoryException.class, () -> device.allocate(DType.FLOAT32, 200_000));
        assertTrue(full.getMessage().contains("800000 bytes"), full.getMessage());
        assertTrue(full.getMessage().contains("480000 of this device's 1048576"), full.getMessage());
        assertThrows(DeviceMemoryException.class, () -> step(device, value, gradient), "the state does not fit");
        gradient.close();
        // What a step that failed to compile had taken is free again, as is the closed buffer.
        try (Step step = step(device, value, null)) {
          step.await(step.run(1, 1));
        } catch (DeviceMemoryException e) {
          throw new AssertionError("memory was lost in round " + round, e);
        }
        value.close();
      }
    }
  }

  @Test
  @Tag("slow")
  void hostMemoryBeyondTwoGibibytesIsUsedInPlace() {
    long length = (3L << 30) / Float.BYTES;
    DeviceFacts facts = TestDevices.facts();
    Assumptions.assumeTrue(facts.cpu() && facts.largestBuffer() >= length * Float.BYTES, "no buffers of 3 GiB");
    try (Device device = Required.device("opencl"); Arena arena = Arena.ofShared()) {
      MemorySegment host = arena.allocate(length * Float.BYTES, 64);
      Buffer end = device.wrap(DType.FLOAT32, host).slice(length - 100, 100);
      Buffer gradient = device.allocate(DType.FLOAT32, 100);
      HostValues.write(gradient, DoubleStream.generate(() -> 1).limit(100).toArray());
      try (Step step = step(device, end, gradient)) {
        step.run(1, 1);
      }
      assertTrue(host.getAtIndex(ValueLayout.JAVA_FLOAT, length - 1) < 0, "the last element was updated");
      assertEquals(0, host.getAtIndex(ValueLayout.JAVA_FLOAT, length - 101));
      assertEquals(host.getAtIndex(ValueLayout.JAVA_FLOAT, length - 1), HostValues.read(end)[99]);
    }
  }

  @Test
  void segmentsThatOpenClCannotUseInPlaceAreRefused() {
    try (Device device = Required.device("opencl"); Arena arena = Arena.ofShared()) {
      Assumptions.assumeTrue(device.info().nativeMemory());
      BufferException heap = assertThrows(BufferException.class,
          () -> device.wrap(DType.FLOAT32, MemorySegment.ofArray(new float[8])));
      assertTrue(heap.getMessage().contains("native"), heap.getMessage());
      MemorySegment odd = arena.allocate(64, 64).asSlice(2, 32);
      BufferException unaligned = assertThrows(BufferException.class, () -> device.wrap(DType.FLOAT32, odd));
      assertTrue(unaligned.getMessage().contains("multiple of 4"), unaligned.getMessage());
      assertEquals(0, device.wrap(DType.FLOAT32, arena.allocate(0, 4)).length());
    }
  }

  @Test
  void aRunAllocatesNothing() {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Device device = Required.device("opencl");
        Step step = step(device, device.allocate(DType.FLOAT32, 5000), device.allocate(DType.FLOAT32, 5000))) {
      int steps = 20_000;
      long best = Long.MAX_VALUE;
      for (int round = 0; round < 5; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < steps; i++) {
          step.run(1 + i * 1e-6, 0.5);
          if (i % 64 == 0) {
            device.synchronize();
          }
        }
        best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertTrue(best < steps, best + " bytes in " + steps + " steps");
    }
  }

  private static long openFiles() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "reads /proc")
  void openingAndClosingLeavesNothingBehind() throws IOException {
    long memory = 0;
    long files = 0;
    for (int i = 0; i < 1100; i++) {
      try (Device device = Required.device("opencl")) {
        step(device, device.allocate(DType.FLOAT32, 50_000), device.allocate(DType.FLOAT32, 50_000)).run(1, 1);
        device.allocate(DType.FLOAT64, 10_000);
      }
      if (i == 99) {
        memory = ResidentMemory.bytes();
        files = openFiles();
      }
    }
    long grown = ResidentMemory.bytes() - memory;
    // Kept once a cycle, the buffers alone would be 1 GiB.
    assertTrue(grown < 64 << 20, "grew by " + (grown >> 10) + " KiB in 1000 cycles");
    assertTrue(openFiles() <= files + 5, openFiles() + " open files after " + files);
  }
}
