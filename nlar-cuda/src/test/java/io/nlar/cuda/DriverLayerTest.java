package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The layer between engine and driver, JCuda included, in a process of its own that finds a stand-in for NVIDIA's
 * driver (src/test/cpp/fake_libcuda.cpp): probe, memory, staging, launches, events, streams, graphs.
 */
class DriverLayerTest {
  private static final List<String> CHECKS = List.of("bits", "graph", "stream", "wrap", "memory", "staging", "heap");

  @Test
  void theDriverLayerWorksOnAStandInForTheDriver(@TempDir Path folder) throws IOException, InterruptedException {
    Assumptions.assumeTrue(HostKernels.available(), "there is no g++ to compile the kernels for the host");
    Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "JCuda's natives here are those of Linux");
    Path library = folder.resolve("libcuda.so.1");
    HostKernels.linkWith(Path.of("src/test/cpp/fake_libcuda.cpp"), library,
        List.of("-shared", "-Wl,-soname,libcuda.so.1", "-ldl"));
    Path log = folder.resolve("log");
    ProcessBuilder builder = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
        "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        GpuCheck.class.getName());
    builder.command().addAll(CHECKS);
    builder.environment().put("LD_LIBRARY_PATH", folder.toString());
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES));
    String text = Files.readString(log);
    assertEquals(0, process.exitValue(), text);
    for (String check : CHECKS) {
      assertTrue(text.contains("{\"check\": \"" + check + "\""), text);
    }
    assertTrue(text.contains("a GPU on the host"), text);
  }
}
