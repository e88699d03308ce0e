package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.contract.Required;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Threads that a native library has switched to flush subnormal numbers to zero compile and run to the same bits. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "knows where MXCSR lies in a fenv_t there")
class FlushToZeroTest {
  private static final long MXCSR = 28;
  private static final int FLUSH = 1 << 15 | 1 << 6;
  private static final int LENGTH = 5000;

  private static float smallest = Float.MIN_VALUE;

  private static void flushSubnormals() throws Throwable {
    SymbolLookup libm = SymbolLookup.libraryLookup("libm.so.6", Arena.global());
    FunctionDescriptor shape = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    var get = Linker.nativeLinker().downcallHandle(libm.findOrThrow("fegetenv"), shape);
    var set = Linker.nativeLinker().downcallHandle(libm.findOrThrow("fesetenv"), shape);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment environment = arena.allocate(64, 16);
      assertEquals(0, (int) get.invokeExact(environment));
      environment.set(ValueLayout.JAVA_INT, MXCSR, environment.get(ValueLayout.JAVA_INT, MXCSR) | FLUSH);
      assertEquals(0, (int) set.invokeExact(environment));
    }
    assertTrue(smallest * 1f == 0, "the thread's arithmetic was switched");
  }

  private static <T> T onOwnThread(boolean flushing, Callable<T> action) throws Exception {
    FutureTask<T> task = new FutureTask<>(() -> {
      if (flushing) {
        try {
          flushSubnormals();
        } catch (Throwable e) {
          throw new AssertionError(e);
        }
      }
      return action.call();
    });
    Thread thread = new Thread(task);
    thread.start();
    thread.join();
    return task.get();
  }

  /** Subnormal values, gradients and settings; the values' bits after three steps. */
  private static int[] train() {
    StepConfig config = StepConfig.nlarcm().withScaling(new Scaling.None()).withNoise(new Noise.Fresh(5))
        .withNoiseScale(0x1p-134).withWeightDecay(0.5);
    try (Device device = Required.device("opencl")) {
      Buffer value = subnormal(device, 1);
      Buffer gradient = subnormal(device, 2);
      try (Step step = device.compile(List.of(
          new ParameterGroup(config, List.of(new Parameter("w", value, gradient)))))) {
        for (int i = 0; i < 3; i++) {
          step.await(step.run(1, 0.75));
        }
      }
      MemorySegment host = Arena.ofAuto().allocate(value.byteSize(), 4);
      value.copyTo(host);
      return host.toArray(ValueLayout.JAVA_INT);
    }
  }

  private static Buffer subnormal(Device device, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] bits = new int[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      bits[i] = random.nextInt() & 0x807fffff;
    }
    Buffer buffer = device.allocate(DType.FLOAT32, LENGTH);
    buffer.copyFrom(MemorySegment.ofArray(bits));
    return buffer;
  }

  @Test
  void resultsHaveTheSameBits() throws Exception {
    assertArrayEquals(onOwnThread(false, FlushToZeroTest::train), onOwnThread(true, FlushToZeroTest::train));
  }
}
