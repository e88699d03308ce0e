package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    ChildJava.run(Child.class, Map.of(), List.of("-D" + BinaryCache.PROPERTY + "=" + folder.resolve("programs")),
        List.of(), Duration.ofMinutes(2));
  }

  /** Compares before and after. */
  static final class Child {
    private static final int ROUNDS = 100_000;

    private Child() {}

    public static void main(String[] args) {
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
    private static Map<Integer, Long> handlers() {
      Map<Integer, Long> handlers = new TreeMap<>();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment action = arena.allocate(SignalHandlers.ACTION_BYTES, Long.BYTES);
        for (int signal = 1; signal <= SignalHandlers.SIGNALS; signal++) {
          if (SignalHandlers.sigaction(signal, MemorySegment.NULL, action)) {
            handlers.put(signal, action.get(ValueLayout.JAVA_LONG, 0));
          }
        }
      }
      return handlers;
    }
  }
}
