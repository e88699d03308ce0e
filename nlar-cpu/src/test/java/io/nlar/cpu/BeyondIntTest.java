package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.spi.Binding;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Tensors of more than 2³¹ elements, on a mapping whose untouched pages take no memory. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the flags of mmap are those of Linux")
class BeyondIntTest {
  private static final long LENGTH = (1L << 31) + 5000;
  private static final long BYTES = LENGTH * Float.BYTES;

  /** Reserved address space, zero wherever it is read, released with an arena. */
  static MemorySegment sparse(Arena arena, long bytes) {
    Linker linker = Linker.nativeLinker();
    MethodHandle mmap = linker.downcallHandle(linker.defaultLookup().findOrThrow("mmap"),
        FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    MethodHandle munmap = linker.downcallHandle(linker.defaultLookup().findOrThrow("munmap"),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    int readWrite = 3;
    int privateAnonymousNoReserve = 0x2 | 0x20 | 0x4000;
    try {
      long address = (long) mmap.invokeExact(0L, bytes, readWrite, privateAnonymousNoReserve, -1, 0L);
      if (address == -1) {
        throw new AssertionError("mmap refused " + bytes + " bytes");
      }
      return MemorySegment.ofAddress(address).reinterpret(bytes, arena, segment -> {
        try {
          int done = (int) munmap.invokeExact(segment.address(), bytes);
          assertEquals(0, done);
        } catch (Throwable e) {
          throw new AssertionError(e);
        }
      });
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theSumReachesTheLastElement() {
    try (Arena arena = Arena.ofShared(); Device device = Devices.open()) {
      MemorySegment gradient = sparse(arena, BYTES);
      double expected = 0;
      // Powers of two: the sum is exact in every order.
      for (long element : new long[] {0, (1L << 31) - 1, 1L << 31, (1L << 31) + 1, LENGTH - 1}) {
        gradient.setAtIndex(ValueLayout.JAVA_FLOAT, element, (float) Math.scalb(1, (int) (element % 11)));
        expected += Math.scalb(1, 2 * (int) (element % 11));
      }
      StepConfig stateless = StepConfig.nlarsm().withMomentum(new Momentum.None());
      Buffer value = device.wrap(DType.FLOAT32, sparse(arena, BYTES));
      try (Step step = device.compile(List.of(new ParameterGroup(
          stateless, List.of(new Parameter("w", value, device.wrap(DType.FLOAT32, gradient))))))) {
        step.reduce();
        double[] sums = new double[2];
        step.sumsOfSquares().copyTo(MemorySegment.ofArray(sums));
        assertArrayEquals(new double[] {expected, expected}, sums);
      }
    }
  }

  /** Elements around 2³¹ of a long tensor are updated as those of a short one are, and no others. */
  @Test
  void anUpdateCrossesTheBorder() {
    int count = 4000;
    long first = (1L << 31) - 1999;
    StepConfig config = StepConfig.nlarcm().withScaling(new Scaling.None()).withNoise(new Noise.Frozen(3))
        .withNoiseScale(0.5);
    try (Arena arena = Arena.ofShared(); CpuDevice device = Devices.open()) {
      // Where the test's 32 GiB of state would be, sparse mappings are.
      MemorySegment[] large = run(arena, device, config, LENGTH, first, count);
      MemorySegment[] small = run(arena, device, config, count, 0, count);
      for (int i = 0; i < large.length; i++) {
        long bytes = (long) count * Float.BYTES;
        assertEquals(-1, large[i].asSlice(first * Float.BYTES, bytes).mismatch(small[i].asSlice(0, bytes)), "memory " + i);
        assertEquals(0, large[i].getAtIndex(ValueLayout.JAVA_INT, first - 1));
        assertEquals(0, large[i].getAtIndex(ValueLayout.JAVA_INT, first + count));
      }
    }
  }

  private static MemorySegment[] run(
      Arena arena, CpuDevice device, StepConfig config, long length, long first, int count) {
    MemorySegment[] memory = new MemorySegment[6];
    for (int i = 0; i < memory.length; i++) {
      memory[i] = sparse(arena, length * Float.BYTES);
      for (int j = 0; j < count; j++) {
        memory[i].setAtIndex(ValueLayout.JAVA_FLOAT, first + j, (float) Math.sin(i * 1000 + j));
      }
    }
    StepPlan plan = new StepPlan(
        List.of(new GroupPlan(config, DType.FLOAT32)), List.of(new TensorPlan(0, "w", 0, length)));
    Group[] groups = {
      new Group(plan.groups().getFirst(), slot -> memory[2 + slot.ordinal()].address(), device.vectorBits())
    };
    Binding binding = new Binding(plan.tensors().getFirst(),
        (CpuBuffer) device.wrap(DType.FLOAT32, memory[0]), (CpuBuffer) device.wrap(DType.FLOAT32, memory[1]), true);
    ApplyPass pass = new ApplyPass(device, groups,
        Span.of(plan, List.of(binding), groups, tensor -> 0, device.vectorBits()), arena.allocate(16, 8));
    pass.derive(2, 1, 1);
    pass.work(0, first, first + count, device.scratch(0));
    return memory;
  }
}
