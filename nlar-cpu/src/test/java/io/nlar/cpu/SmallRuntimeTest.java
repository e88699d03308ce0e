package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import io.nlar.ArrayStep;
import io.nlar.Backends;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.spi.Probe;
import io.nlar.testkit.process.ChildJava;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The CPU backend in Java runtimes that hold only the modules that docs/architecture.md names as needed. */
class SmallRuntimeTest {
  private static final String NEEDED = "java.base,jdk.incubator.vector";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Takes a step and prints what the backend tells. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) {
      float[] values = {1, 2, 3};
      try (ArrayStep step = ArrayStep.builder(StepConfig.nlarsm().withScaling(new Scaling.None()))
          .add("w", values, new float[] {1, 1, 1}).open()) {
        step.run();
      }
      System.out.println(Arrays.toString(values));
      System.out.println(Backends.probe().get("cpu"));
      System.out.println("modules: " + ModuleLayer.boot().modules().stream().map(Module::getName).sorted().toList());
    }
  }

  private static void assertWorks(String output) {
    assertTrue(output.contains("[0.9, 1.9, 2.9]"), output);
    assertTrue(output.contains("Available[devices=[DeviceInfo[backend=cpu") && output.contains("remarks=[]"), output);
    assertTrue(output.contains("modules: [java.base, jdk.incubator.vector]"), output);
  }

  @Test
  void withoutTheOtherModulesTheBackendWorks() throws Exception {
    assertWorks(ChildJava.run(Main.class, Map.of(), List.of("--limit-modules=" + NEEDED), List.of(), PATIENCE));
  }

  @Test
  void aRuntimeMadeOfTheNeededModulesIsEnough(@TempDir Path folder) throws Exception {
    Path runtime = folder.resolve("runtime");
    ChildJava.run(new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jlink").toString(),
        "--add-modules", NEEDED, "--output", runtime.toString()), PATIENCE);
    ProcessBuilder child = ChildJava.of(Main.class, List.of(), List.of());
    child.command().set(0, runtime.resolve("bin").resolve("java").toString());
    assertWorks(ChildJava.run(child, PATIENCE));
  }

  /** Prints how much memory the backend tells of. */
  static final class Memory {
    private Memory() {}

    public static void main(String[] arguments) {
      System.out.println("memory: " + ((Probe.Available) new CpuBackend().probe()).devices().getFirst().memoryBytes());
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void linuxTellsTheSameMemoryAsTheJdk() throws Exception {
    String expected = "memory: "
        + ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    String output = ChildJava.run(Memory.class, Map.of(), List.of("--limit-modules=" + NEEDED), List.of(), PATIENCE);
    assertEquals(1, output.lines().filter(expected::equals).count(), output + expected);
  }
}
