package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Memory of every kind, at every byte alignment, in one JVM: the same bits. */
class StorageTest {
  private static final int LENGTH = 3001;

  private interface Memory {
    MemorySegment of(int bytes);
  }

  /** Native memory, and a segment over an array of each type that elements may lie in. */
  private static List<Memory> kinds(DType type) {
    Memory numbers = switch (type) {
      case FLOAT32 -> bytes -> MemorySegment.ofArray(new float[bytes / 4 + 1]).asSlice(0, bytes);
      case BFLOAT16, FLOAT16, UINT16 -> bytes -> MemorySegment.ofArray(new short[bytes / 2 + 1]).asSlice(0, bytes);
      case FLOAT64 -> bytes -> MemorySegment.ofArray(new double[bytes / 8 + 1]).asSlice(0, bytes);
    };
    return List.of(
        bytes -> Arena.ofAuto().allocate(bytes, 8),
        bytes -> MemorySegment.ofArray(new byte[bytes]),
        bytes -> MemorySegment.ofArray(new short[bytes / 2 + 1]).asSlice(0, bytes),
        bytes -> MemorySegment.ofArray(new char[bytes / 2 + 1]).asSlice(0, bytes),
        bytes -> MemorySegment.ofArray(new int[bytes / 4 + 1]).asSlice(0, bytes),
        bytes -> MemorySegment.ofArray(new long[bytes / 8 + 1]).asSlice(0, bytes),
        numbers);
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void everyPairOfKindsGivesTheSameBits(DType type) {
    byte[] expected = train(type, kinds(type).getFirst(), kinds(type).getFirst(), 0);
    try (Device device = Devices.open()) {
      for (Memory values : kinds(type)) {
        for (Memory gradients : kinds(type)) {
          assertArrayEquals(expected, train(device, type, values, gradients, 0));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void everyByteAlignmentGivesTheSameBits(DType type) {
    byte[] expected = train(type, kinds(type).getFirst(), kinds(type).getFirst(), 0);
    try (Device device = Devices.open()) {
      for (int shift = 1; shift < 64; shift++) {
        assertArrayEquals(expected, train(device, type, kinds(type).get(shift % 2), kinds(type).get(0), shift));
      }
    }
  }

  @Test
  void gradientsAreZeroedAndNothingAroundThemIsWritten() {
    try (Device device = Devices.open()) {
      for (Memory kind : kinds(DType.FLOAT32)) {
        MemorySegment values = kind.of(108);
        MemorySegment gradients = kind.of(108);
        values.fill((byte) 1);
        gradients.fill((byte) 1);
        Buffer value = device.wrap(DType.FLOAT32, values.asSlice(4, 100));
        Buffer gradient = device.wrap(DType.FLOAT32, gradients.asSlice(4, 100));
        try (Step step = device.compile(List.of(new ParameterGroup(
            StepConfig.nlarsm(), List.of(new Parameter("w", value, gradient, true)))))) {
          step.run(1, 1);
        }
        byte[] zeroed = new byte[108];
        byte[] ends = {1, 1, 1, 1};
        System.arraycopy(ends, 0, zeroed, 0, 4);
        System.arraycopy(ends, 0, zeroed, 104, 4);
        assertArrayEquals(zeroed, gradients.toArray(ValueLayout.JAVA_BYTE));
        assertArrayEquals(ends, values.asSlice(0, 4).toArray(ValueLayout.JAVA_BYTE));
        assertArrayEquals(ends, values.asSlice(104, 4).toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  private static byte[] train(DType type, Memory values, Memory gradients, int shift) {
    try (Device device = Devices.open()) {
      return train(device, type, values, gradients, shift);
    }
  }

  /** Three steps on memory that starts {@code shift} bytes behind an aligned address. */
  private static byte[] train(Device device, DType type, Memory values, Memory gradients, int shift) {
    int bytes = LENGTH * type.bytes();
    MemorySegment value = values.of(bytes + 64).asSlice(shift, bytes);
    MemorySegment gradient = gradients.of(bytes + 64).asSlice(shift, bytes);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < LENGTH; i++) {
      set(type, value, i, random.nextGaussian());
      set(type, gradient, i, random.nextGaussian());
    }
    Buffer valueBuffer = device.wrap(type, value);
    Buffer gradientBuffer = device.wrap(type, gradient);
    try (Step step = device.compile(List.of(new ParameterGroup(
        StepConfig.nlarcm(), List.of(new Parameter("w", valueBuffer, gradientBuffer)))))) {
      for (int i = 0; i < 3; i++) {
        step.run(1, 1);
      }
    }
    valueBuffer.close();
    gradientBuffer.close();
    return value.toArray(ValueLayout.JAVA_BYTE);
  }

  private static void set(DType type, MemorySegment memory, int index, double x) {
    if (type == DType.FLOAT32) {
      memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4L, (float) x);
    } else {
      memory.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * 8L, x);
    }
  }
}
