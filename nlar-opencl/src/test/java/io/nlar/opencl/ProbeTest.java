package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DeviceInfo;
import io.nlar.DeviceUnavailableException;
import io.nlar.spi.Preference;
import io.nlar.spi.Probe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Probing says what is there, or what is missing and how to mend it; absence is tried out in a JVM of its own. */
class ProbeTest {
  @TempDir
  Path directory;

  /** Prints what the probe says, and what opening the device throws. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) {
      System.out.println(new OpenClBackend().probe());
      try {
        Backends.open("opencl").close();
        System.out.println("opened");
      } catch (DeviceUnavailableException e) {
        System.out.println("refused: " + e.getMessage());
      }
      System.out.println("temporary files: " + System.getProperty("java.io.tmpdir"));
    }
  }

  private String probeWith(Map<String, String> environment) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
        "-Djava.io.tmpdir=" + directory, "-cp", System.getProperty("java.class.path"), Main.class.getName());
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), output);
    return output;
  }

  @Test
  void theProbeDescribesTheDevices() {
    DeviceFacts facts = TestDevices.facts();
    Probe.Available available = (Probe.Available) new OpenClBackend().probe();
    DeviceInfo first = available.devices().getFirst();
    assertEquals("opencl:0", first.selector());
    assertTrue(first.name().contains(facts.name()), first.name());
    assertEquals(facts.cpu(), first.nativeMemory());
    assertFalse(first.heapMemory());
    assertEquals(facts.cpu() ? Preference.OPENCL_CPU : Preference.OPENCL_GPU, new OpenClBackend().preference(first));
  }

  @Test
  void nativesAreUnpackedPrivatelyAndLeaveNothing() throws IOException, InterruptedException {
    TestDevices.facts();
    String output = probeWith(Map.of());
    assertTrue(output.contains("opened"), output);
    assertTrue(output.contains("temporary files: " + directory), output);
    try (var files = Files.list(directory)) {
      assertEquals(0, files.filter(file -> !file.getFileName().toString().startsWith("hsperf")).count());
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only there is the loader found through LD_LIBRARY_PATH")
  void withoutALoaderTheReasonNamesIt() throws IOException, InterruptedException {
    for (String name : new String[] {"libOpenCL.so", "libOpenCL.so.1"}) {
      Files.writeString(directory.resolve(name), "not a library");
    }
    String output = probeWith(Map.of("LD_LIBRARY_PATH", directory.toString()));
    assertTrue(output.contains("Unavailable[reason=no OpenCL loader"), output);
    assertTrue(output.contains("install one, such as the package ocl-icd-libopencl1"), output);
    assertTrue(output.contains("refused: the device 'opencl' is not available"), output);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only the loaders there know OCL_ICD_VENDORS")
  void withoutAPlatformTheReasonNamesOne() throws IOException, InterruptedException {
    TestDevices.facts();
    String output = probeWith(Map.of("OCL_ICD_VENDORS", directory.resolve("nowhere").toString()));
    assertTrue(output.contains("Unavailable[reason=the OpenCL loader knows no device"), output);
    assertTrue(output.contains("pocl-opencl-icd"), output);
    assertTrue(output.contains("refused: the device 'opencl' is not available"), output);
  }

  @Test
  void devicesThatWouldGiveOtherBitsAreRefused() {
    DeviceFacts facts = TestDevices.facts();
    assertTrue(facts.refusal().isEmpty());
    assertTrue(TestDevices.withArithmetic(facts, false, true, true).refusal().orElseThrow().contains("binary64"));
    assertTrue(TestDevices.withArithmetic(facts, true, false, true).refusal().orElseThrow().contains("subnormal"));
    assertTrue(TestDevices.withArithmetic(facts, true, true, false).refusal().isEmpty());
  }
}
