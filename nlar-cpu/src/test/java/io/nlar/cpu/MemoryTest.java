package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.State;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.spi.device.AbstractBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryTest {

  @Test
  void moreThanTheMachineHasIsRefusedWithTheSizes() {
    try (Device device = Devices.open()) {
      long tooMany = Machine.memory();
      DeviceMemoryException refused =
          assertThrows(DeviceMemoryException.class, () -> device.allocate(DType.FLOAT64, tooMany));
      assertTrue(refused.getMessage().contains(tooMany * 8 + " bytes"), refused.getMessage());
      assertTrue(refused.getMessage().contains(Machine.memory() + " bytes"), refused.getMessage());
      assertThrows(DeviceMemoryException.class, () -> device.allocate(DType.FLOAT64, Long.MAX_VALUE / 8));
      assertThrows(DeviceMemoryException.class, () -> device.allocate(DType.FLOAT32, Long.MAX_VALUE));
      Buffer small = device.allocate(DType.FLOAT32, 10);
      assertEquals(10, small.length());
    }
  }

  @Test
  void stateThatDoesNotFitIsRefusedBeforeAnythingIsTouched() {
    try (Device device = Devices.open(); Arena arena = Arena.ofShared()) {
      // Addresses alone: nothing reads or writes there.
      long length = Machine.memory() / 8;
      long somewhere = arena.allocate(8, 8).address();
      Buffer value = device.wrap(DType.FLOAT32, length, somewhere);
      Buffer gradient = device.wrap(DType.FLOAT32, length, somewhere + length * 4);
      DeviceMemoryException refused = assertThrows(DeviceMemoryException.class, () -> device.compile(List.of(
          new ParameterGroup(StepConfig.nlarsm(), List.of(new Parameter("w", value, gradient))))));
      assertTrue(refused.getMessage().contains("the state of 1 parameters"), refused.getMessage());
    }
  }

  /** Three streams of 128 MiB that followed each other without a gap would take half as long again on some processors. */
  @Test
  void largeSlotsDoNotLieAPowerOfTwoApart() {
    int length = 1 << 21;
    try (Device device = Devices.open(); Buffer value = device.allocate(DType.FLOAT32, length);
        Buffer gradient = device.allocate(DType.FLOAT32, length);
        Step step = device.compile(List.of(
            new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w", value, gradient)))))) {
      long[] starts = StepConfig.nlarcm().slots().stream()
          .mapToLong(slot -> ((AbstractBuffer) step.state("w", slot)).extent().start()).toArray();
      assertEquals(3, starts.length);
      for (int i = 0; i < starts.length; i++) {
        for (int j = 0; j < i; j++) {
          long beyond = Math.floorMod(starts[i] - starts[j], 1L << 20);
          assertTrue(beyond >= 1 << 16 && beyond <= (1 << 20) - (1 << 16), i + " and " + j + " are " + beyond + " beyond");
        }
      }
    }
  }

  @Test
  void memoryIsZeroAlsoWhereItWasUsedBefore() {
    try (Device device = Devices.open()) {
      for (int round = 0; round < 20; round++) {
        try (Buffer buffer = device.allocate(DType.FLOAT32, 5000)) {
          byte[] bytes = new byte[20_000];
          buffer.copyTo(MemorySegment.ofArray(bytes));
          assertArrayEquals(new byte[20_000], bytes);
          MemorySegment ones = MemorySegment.ofArray(bytes).fill((byte) 1);
          buffer.copyFrom(ones);
        }
      }
    }
  }

  @Test
  void aRawAddressIsWorkedOnInPlace() {
    try (Device device = Devices.open(); Arena arena = Arena.ofShared()) {
      MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3);
      MemorySegment gradient = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 1, 1);
      StepConfig config = StepConfig.nlarsm().withScaling(new Scaling.None()).withLearningRate(0.5);
      try (Step step = device.compile(List.of(new ParameterGroup(config, List.of(new Parameter("w",
          device.wrap(DType.FLOAT32, 3, value.address()), device.wrap(DType.FLOAT32, 3, gradient.address()))))))) {
        step.run(1, 1);
      }
      assertArrayEquals(new float[] {0.5f, 1.5f, 2.5f}, value.toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  @Test
  void stateTakesTwelveBytesAFloat32Parameter() {
    try (Device device = Devices.open()) {
      Buffer value = device.allocate(DType.FLOAT32, 1_000_000);
      try (Step step = device.compile(List.of(new ParameterGroup(
          StepConfig.nlarsm(), List.of(new Parameter("w", value, null)))))) {
        long bytes = 0;
        for (Slot slot : StepConfig.nlarsm().slots()) {
          bytes += step.state("w", slot).byteSize();
        }
        assertEquals(12_000_000, bytes);
        assertEquals(bytes, step.stateBytes());
      }
    }
  }

  @Test
  void stateInJavaArraysIsRefusedWithWhereItMayLie() {
    try (Device device = Devices.open()) {
      Map<Slot, Buffer> arrays = new EnumMap<>(Slot.class);
      for (Slot slot : StepConfig.nlarcm().slots()) {
        arrays.put(slot, device.wrap(DType.FLOAT32, MemorySegment.ofArray(new float[10])));
      }
      Parameter parameter = new Parameter("w", device.allocate(DType.FLOAT32, 10), null).withState(State.fresh(arrays));
      BufferException refused = assertThrows(BufferException.class,
          () -> device.compile(List.of(new ParameterGroup(StepConfig.nlarcm(), List.of(parameter)))));
      assertTrue(refused.getMessage().contains("'w'") && refused.getMessage().contains("native"), refused.getMessage());
    }
  }
}
