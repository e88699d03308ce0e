package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.Momentum;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory: allocated, sliced, copied and borrowed. */
public interface BufferContract extends ContractSupport {

  @Test
  default void allocatedMemoryIsZeroAndKnowsItsSize() {
    for (DType type : types()) {
      for (int length : new int[] {0, 1, 1025}) {
        try (Buffer buffer = device().allocate(type, length)) {
          assertSame(device(), buffer.device());
          assertEquals(type, buffer.type());
          assertEquals(length, buffer.length());
          assertEquals((long) length * type.bytes(), buffer.byteSize());
          assertSameBits("fresh memory", new double[length], HostValues.read(buffer));
        }
      }
    }
  }

  @Test
  default void copiesKeepEveryBit() {
    for (DType type : types()) {
      double tiny = type == DType.FLOAT32 ? Float.MIN_VALUE : Double.MIN_VALUE;
      double[] values = {0.0, -0.0, tiny, -tiny, 1, Double.NaN, Double.NEGATIVE_INFINITY, type.round(0.1)};
      Buffer buffer = buffer(type, values);
      assertSameBits("heap", values, HostValues.read(buffer));
      try (Arena arena = Arena.ofConfined()) {
        // Confined and byte-aligned host memory is fine to copy to and from.
        MemorySegment host = arena.allocate(buffer.byteSize() + 1).asSlice(1);
        buffer.copyTo(host);
        assertSameBits("native", values, HostValues.read(host, type));
        Buffer again = device().allocate(type, values.length);
        again.copyFrom(host.asReadOnly());
        assertSameBits("there and back", values, HostValues.read(again));
      }
    }
  }

  @Test
  default void slicesShareMemory() {
    for (DType type : types()) {
      Buffer buffer = buffer(type, 0, 1, 2, 3, 4, 5, 6);
      Buffer slice = buffer.slice(2, 4);
      assertSameBits("slice", new double[] {2, 3, 4, 5}, HostValues.read(slice));
      Buffer inner = slice.slice(1, 2);
      HostValues.write(inner, 30, 40);
      assertSameBits("whole", new double[] {0, 1, 2, 30, 40, 5, 6}, HostValues.read(buffer));
      assertEquals(0, buffer.slice(7, 0).length());
    }
  }

  @Test
  default void slicesOutsideTheBufferAreRefused() {
    Buffer buffer = buffer(anyType(), 0, 1, 2);
    assertRefused(BufferException.class, () -> buffer.slice(1, 3), "3 elements from element 1");
    assertRefused(BufferException.class, () -> buffer.slice(-1, 2), "-1");
    assertRefused(BufferException.class, () -> buffer.slice(0, -1), "-1");
    assertRefused(BufferException.class, () -> buffer.slice(4, 0), "4");
    assertRefused(BufferException.class, () -> buffer.slice(1, Long.MAX_VALUE), "" + Long.MAX_VALUE);
    assertRefused(BufferException.class, () -> buffer.slice(Long.MAX_VALUE, 1), "" + Long.MAX_VALUE);
  }

  @Test
  default void copiesOfAnotherSizeAreRefused() {
    Buffer buffer = buffer(anyType(), 0, 1, 2);
    long bytes = buffer.byteSize();
    MemorySegment longer = MemorySegment.ofArray(new byte[(int) bytes + 1]);
    MemorySegment shorter = MemorySegment.ofArray(new byte[(int) bytes - 1]);
    assertRefused(BufferException.class, () -> buffer.copyFrom(longer), "" + bytes, "" + (bytes + 1));
    assertRefused(BufferException.class, () -> buffer.copyTo(shorter), "" + bytes, "" + (bytes - 1));
    MemorySegment readOnly = MemorySegment.ofArray(new byte[(int) bytes]).asReadOnly();
    assertRefused(BufferException.class, () -> buffer.copyTo(readOnly), "read-only");
    assertSameBits("untouched", new double[] {0, 1, 2}, HostValues.read(buffer));
  }

  @Test
  default void hostMemoryThatCannotBeTouchedIsRefused() throws Exception {
    DType type = anyType();
    Buffer buffer = buffer(type, 0, 1, 2);
    StepConfig stateless = StepConfig.nlarsm().withMomentum(new Momentum.None());
    try (Step estimating = device().compile(List.of(new ParameterGroup(StepConfig.nlarsm(),
            List.of(new Parameter("w", buffer(type, 0, 1, 2), null)))));
        Step constant = device().compile(List.of(new ParameterGroup(stateless,
            List.of(new Parameter("w", buffer(type, 0, 1, 2), null)))))) {
      Arena arena = Arena.ofConfined();
      MemorySegment host = arena.allocate(buffer.byteSize(), type.bytes());
      List<Executable> copies = List.of(() -> buffer.copyFrom(host), () -> buffer.copyTo(host),
          () -> estimating.learningRates("w", host), () -> constant.learningRates("w", host));
      FutureTask<Void> stranger = new FutureTask<>(() -> {
        copies.forEach(copy -> assertRefused(BufferException.class, copy, "confined"));
        return null;
      });
      Thread.ofPlatform().start(stranger);
      stranger.get();
      arena.close();
      copies.forEach(copy -> assertRefused(BufferException.class, copy, "closed"));
    }
    assertSameBits("untouched", new double[] {0, 1, 2}, HostValues.read(buffer));
  }

  @Test
  default void arraysOfNumbersOfAnotherTypeAreRefused() {
    assumeHeapMemory();
    MemorySegment singles = MemorySegment.ofArray(new float[2]);
    MemorySegment doubles = MemorySegment.ofArray(new double[2]);
    for (DType type : device().info().types()) {
      if (!type.equals(DType.FLOAT32)) {
        assertRefused(BufferException.class, () -> device().wrap(type, singles), "float[]", type.toString());
      }
      if (!type.equals(DType.FLOAT64)) {
        assertRefused(BufferException.class, () -> device().wrap(type, doubles.asSlice(0, 8)), "double[]", type.toString());
      }
    }
  }

  @Test
  default void negativeLengthsAreRefused() {
    assertRefused(BufferException.class, () -> device().allocate(anyType(), -1), "-1");
    assertRefused(BufferException.class, () -> device().wrap(anyType(), -1L, 64L), "-1");
  }

  @Test
  default void borrowedNativeMemoryIsWorkedOnInPlace() {
    assumeNativeMemory();
    for (DType type : types()) {
      try (Arena arena = Arena.ofShared()) {
        MemorySegment memory = arena.allocate(100L * type.bytes(), 64);
        checkInPlace(type, memory.asSlice(3L * type.bytes(), 33L * type.bytes()),
            memory.asSlice(50L * type.bytes(), 33L * type.bytes()));
      }
    }
  }

  @Test
  default void borrowedArraysAreWorkedOnInPlace() {
    assumeHeapMemory();
    for (DType type : types()) {
      MemorySegment array = HostValues.segment(type, new double[100]);
      checkInPlace(type, array.asSlice(3L * type.bytes(), 33L * type.bytes()),
          array.asSlice(50L * type.bytes(), 33L * type.bytes()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  default void memoryNeedNotBeAlignedToElements(int offset) {
    assumeHeapMemory();
    for (DType type : types()) {
      long bytes = 33L * type.bytes();
      MemorySegment array = MemorySegment.ofArray(new byte[1000]);
      checkInPlace(type, array.asSlice(offset, bytes), array.asSlice(500 + offset, bytes));
      try (Arena arena = Arena.ofShared()) {
        MemorySegment memory = arena.allocate(1000, 64);
        checkInPlace(type, memory.asSlice(offset, bytes), array.asSlice(500, bytes));
        checkInPlace(type, array.asSlice(0, bytes), memory.asSlice(500 + offset, bytes));
      }
    }
  }

  @Test
  default void borrowedMemoryOfEveryLivingScopeIsTaken() {
    assumeNativeMemory();
    DType type = anyType();
    checkInPlace(type, Arena.ofAuto().allocate(33L * type.bytes(), 8), Arena.global().allocate(33L * type.bytes(), 8));
  }

  /** A step on borrowed memory shows in that memory, and a write to that memory shows in the next step. */
  private void checkInPlace(DType type, MemorySegment value, MemorySegment gradient) {
    ReferenceStep reference =
        new ReferenceStep(List.of(GroupSpec.of(StepConfig.nlarsm(), type, new TensorSpec("w", 33))));
    double[] theta = numbers(type, 33, 1);
    System.arraycopy(theta, 0, reference.tensor("w").value(), 0, 33);
    HostValues.write(value, type, theta);
    try (Buffer wrappedValue = device().wrap(type, value);
        Buffer wrappedGradient = device().wrap(type, gradient);
        Step step = device().compile(List.of(new ParameterGroup(StepConfig.nlarsm(),
            List.of(new Parameter("w", wrappedValue, wrappedGradient)))))) {
      assertEquals(33, wrappedValue.length());
      for (int number = 1; number <= 3; number++) {
        double[] g = numbers(type, 33, number);
        HostValues.write(gradient, type, g);
        System.arraycopy(g, 0, reference.tensor("w").gradient(), 0, 33);
        reference.run(1, 1);
        step.await(step.run(1, 1));
        assertSameBits("borrowed value", reference.tensor("w").value(), HostValues.read(value, type));
      }
    }
  }

  @Test
  default void devicesWithoutHostMemoryRefuseToBorrowIt() {
    if (!device().info().nativeMemory()) {
      assertRefused(BufferException.class, () -> device().wrap(anyType(), Arena.global().allocate(64)), "allocate");
    }
    Assumptions.assumeFalse(device().info().heapMemory(), "the device works on Java arrays");
    assertRefused(BufferException.class, () -> device().wrap(anyType(), HostValues.segment(anyType(), 1, 2)));
  }

  @Test
  default void memoryThatCannotBeBorrowedIsRefused() {
    DType type = anyType();
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment memory = confined.allocate(64, 64);
      assertRefused(BufferException.class, () -> device().wrap(type, memory), "confined", "Arena.ofShared()");
    }
    MemorySegment readOnly = Arena.ofAuto().allocate(64, 64).asReadOnly();
    assertRefused(BufferException.class, () -> device().wrap(type, readOnly), "read-only");
    MemorySegment other = type == DType.FLOAT32 ? MemorySegment.ofArray(new double[8]) : MemorySegment.ofArray(new float[8]);
    assertRefused(BufferException.class, () -> device().wrap(type, other), "[]", type.toString());
    assertEquals("host", assertThrows(NullPointerException.class, () -> device().wrap(type, null)).getMessage());
    assertEquals("type", assertThrows(NullPointerException.class, () -> device().allocate(null, 1)).getMessage());
    assertEquals("groups", assertThrows(NullPointerException.class, () -> device().compile(null)).getMessage());
    MemorySegment odd = Arena.ofAuto().allocate(63, 64);
    assertRefused(BufferException.class, () -> device().wrap(type, odd), "63 bytes");
    Arena closed = Arena.ofShared();
    MemorySegment dead = closed.allocate(64, 64);
    closed.close();
    assertRefused(BufferException.class, () -> device().wrap(type, dead), "closed");
    assertRefused(BufferException.class, () -> device().wrap(type, 4L, 0L), "address 0");
    for (long tooLong : new long[] {Long.MAX_VALUE, Long.MAX_VALUE / type.bytes() + 1}) {
      assertRefused(BufferException.class, () -> device().wrap(type, tooLong, 64L), "" + tooLong, "address space");
    }
    assertRefused(BufferException.class, () -> device().wrap(type, 9L, -8L * type.bytes()), "9", "address space");
  }
}
