package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.spi.StandardArithmetic;
import io.nlar.testkit.HostValues;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A caller whose thread a native library has switched to another arithmetic gets the same bits. */
@EnabledOnOs(value = OS.LINUX, architectures = {"amd64", "aarch64"},
    disabledReason = "the layout of the C library's floating-point environment is known for these systems")
class FlushToZeroTest {
  private static final int LENGTH = 5000;

  /** What is switched, in the processor's control register. */
  private enum Mode {
    STANDARD(0, 0),
    FLUSH_TO_ZERO(1 << 15, 1 << 24),
    DENORMALS_ARE_ZERO(1 << 6, 1 << 24),
    BOTH(1 << 15 | 1 << 6, 1 << 24),
    ROUND_DOWN(1 << 13, 2 << 22),
    ROUND_UP(2 << 13, 1 << 22),
    TRUNCATE(3 << 13, 3 << 22);

    private final int mxcsr;
    private final int fpcr;

    Mode(int mxcsr, int fpcr) {
      this.mxcsr = mxcsr;
      this.fpcr = fpcr;
    }
  }

  /** Switches the calling thread's arithmetic: sets bits in the fenv_t that libm saves and loads. */
  private static final class Environment {
    private static final boolean AMD64 = System.getProperty("os.arch").equals("amd64");
    // fenv_t: x87's 28 bytes and then MXCSR; on aarch64 FPCR comes first.
    private static final long CONTROL = AMD64 ? 28 : 0;
    private static final SymbolLookup LIBM = SymbolLookup.libraryLookup("libm.so.6", Arena.global());
    private static final MethodHandle GET = handle("fegetenv");
    private static final MethodHandle SET = handle("fesetenv");

    private static MethodHandle handle(String function) {
      return Linker.nativeLinker().downcallHandle(LIBM.findOrThrow(function),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    }

    static void change(Mode mode) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment environment = arena.allocate(64, 16);
        int got = (int) GET.invokeExact(environment);
        int control = environment.get(ValueLayout.JAVA_INT, CONTROL);
        environment.set(ValueLayout.JAVA_INT, CONTROL, control | (AMD64 ? mode.mxcsr : mode.fpcr));
        int set = (int) SET.invokeExact(environment);
        assertTrue(got == 0 && set == 0);
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Runs on a thread of its own, with its arithmetic switched. */
  private static <T> T under(Mode mode, Callable<T> action) throws Exception {
    FutureTask<T> task = new FutureTask<>(() -> {
      Environment.change(mode);
      return action.call();
    });
    Thread thread = new Thread(task);
    thread.start();
    thread.join();
    return task.get();
  }

  @Test
  void aSwitchedThreadIsNoticed() throws Exception {
    for (Mode mode : Mode.values()) {
      boolean standard = under(mode, StandardArithmetic::isStandard);
      assertTrue(standard == (mode == Mode.STANDARD), mode + " was taken for " + (standard ? "" : "not ") + "standard");
    }
    assertTrue(StandardArithmetic.isStandard());
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 1", "FLOAT32, 2", "FLOAT64, 1", "FLOAT64, 2"})
  void resultsHaveTheSameBits(DType type, int threads) throws Exception {
    double tiny = type == DType.FLOAT32 ? 0x1p-134 : 0x1p-1054;
    StepConfig config = StepConfig.nlarcm().withScaling(new Scaling.None()).withNoise(new Noise.Fresh(5))
        .withNoiseScale(tiny).withWeightDecay(0.5);
    List<long[]> expected = train(config, type, threads, Mode.STANDARD, Mode.STANDARD);
    for (Mode mode : List.of(Mode.BOTH, Mode.DENORMALS_ARE_ZERO, Mode.FLUSH_TO_ZERO)) {
      assertSameBits(expected, train(config, type, threads, mode, mode), mode);
    }
    for (Mode mode : List.of(Mode.ROUND_UP, Mode.ROUND_DOWN, Mode.TRUNCATE)) {
      assertSameBits(expected, train(config, type, threads, Mode.STANDARD, mode), mode);
    }
  }

  private static void assertSameBits(List<long[]> expected, List<long[]> actual, Mode mode) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), mode + ", result " + i);
    }
  }

  /** Subnormal values, gradients and scalars: most of the results are lost where subnormal numbers are flushed. */
  private static List<long[]> train(StepConfig config, DType type, int threads, Mode compiling, Mode running)
      throws Exception {
    try (Device device = Devices.open(threads)) {
      Buffer value = subnormal(device, type, 7);
      Buffer gradient = subnormal(device, type, 8);
      try (Step step = under(compiling, () -> device.compile(List.of(
          new ParameterGroup(config, List.of(new Parameter("w", value, gradient))))))) {
        for (int i = 0; i < 3; i++) {
          under(running, () -> step.run(1, 0.75));
        }
        List<long[]> results = new ArrayList<>();
        results.add(bits(value));
        for (Slot slot : config.slots()) {
          results.add(bits(step.state("w", slot)));
        }
        return results;
      }
    }
  }

  @Test
  void aSubnormalInitialRateIsNotLost() throws Exception {
    for (DType type : DType.arithmetics()) {
      double rate = type == DType.FLOAT32 ? Float.MIN_VALUE : Double.MIN_VALUE;
      try (Device device = Devices.open()) {
        Buffer value = device.allocate(type, LENGTH);
        try (Step step = under(Mode.BOTH, () -> device.compile(List.of(new ParameterGroup(
            StepConfig.nlarcm().withLearningRate(rate), List.of(new Parameter("w", value, null))))))) {
          assertArrayEquals(Collections.nCopies(LENGTH, rate).stream().mapToDouble(r -> r).toArray(),
              HostValues.read(step.state("w", Slot.RATE)));
        }
      }
    }
  }

  /** A buffer of subnormal numbers, made of bits: the thread's own arithmetic is not to be trusted. */
  private static Buffer subnormal(Device device, DType type, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    MemorySegment host = Arena.ofAuto().allocate((long) LENGTH * type.bytes(), type.bytes());
    for (int i = 0; i < LENGTH; i++) {
      long bits = random.nextLong();
      if (type == DType.FLOAT32) {
        host.setAtIndex(ValueLayout.JAVA_INT, i, (int) bits & 0x807fffff);
      } else {
        host.setAtIndex(ValueLayout.JAVA_LONG, i, bits & 0x800fffffffffffffL);
      }
    }
    Buffer buffer = device.allocate(type, LENGTH);
    buffer.copyFrom(host);
    return buffer;
  }

  private static long[] bits(Buffer buffer) {
    MemorySegment host = Arena.ofAuto().allocate(buffer.byteSize(), Long.BYTES);
    buffer.copyTo(host);
    return host.toArray(ValueLayout.JAVA_LONG);
  }

  @Test
  void theTestWouldNoticeFlushing() throws Exception {
    assertFalse(under(Mode.BOTH, () -> Float.MIN_VALUE * one > 0), "the thread's arithmetic was switched");
  }

  private static float one = 1;
}
