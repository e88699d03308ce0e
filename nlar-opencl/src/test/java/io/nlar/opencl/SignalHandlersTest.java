package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.contract.Required;
import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Whether the JVM still answers its signals once a driver was loaded and has compiled. */
@EnabledOnOs(OS.LINUX)
class SignalHandlersTest {

  /** In a JVM that has not loaded a driver yet, with an empty cache of programs. */
  @Test
  void theJvmKeepsItsHandlers(@TempDir Path folder) throws IOException, InterruptedException {
    Required.device("opencl").close();
    Path log = folder.resolve("log");
    Process process = ChildJava
        .of(Child.class, List.of("-Dnlar.opencl.cache=" + folder.resolve("programs")), List.of())
        .redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(2, TimeUnit.MINUTES));
    assertEquals(0, process.exitValue(), Files.readString(log));
  }

  /** Compares before and after. */
  static final class Child {
    private static final int ROUNDS = 100_000;

    private Child() {}

    public static void main(String[] args) throws Throwable {
      Map<Integer, Long> before = handlers();
      try (Device device = Backends.open("opencl");
          Step step = device.compile(List.of(new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w",
              device.allocate(DType.FLOAT32, 5000), device.allocate(DType.FLOAT32, 5000))))))) {
        step.await(step.run());
        assertEquals(before, handlers());
        // What the JVM does with one of them.
        int caught = 0;
        for (int i = 0; i < ROUNDS; i++) {
          try {
            caught += quotient(i, i % 2);
          } catch (ArithmeticException e) {
            caught++;
          }
        }
        assertEquals(expected(), caught);
      }
    }

    private static int quotient(int i, int j) {
      return i / j;
    }

    private static int expected() {
      int sum = 0;
      for (int i = 0; i < ROUNDS; i++) {
        sum += i % 2 == 0 ? 1 : i;
      }
      return sum;
    }

    /** The address of each signal's handler. */
    private static Map<Integer, Long> handlers() throws Throwable {
      MethodHandle sigaction = Linker.nativeLinker().downcallHandle(
          Linker.nativeLinker().defaultLookup().findOrThrow("sigaction"), FunctionDescriptor.of(ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
      Map<Integer, Long> handlers = new TreeMap<>();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment action = arena.allocate(256, Long.BYTES);
        for (int signal = 1; signal < 32; signal++) {
          int status = (int) sigaction.invokeExact(signal, MemorySegment.NULL, action);
          if (status == 0) {
            handlers.put(signal, action.get(ValueLayout.JAVA_LONG, 0));
          }
        }
      }
      return handlers;
    }
  }
}
