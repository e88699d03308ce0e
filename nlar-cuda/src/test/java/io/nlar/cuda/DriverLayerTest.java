package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The layer between engine and driver, JCuda included, in processes of their own that find a stand-in for NVIDIA's
 * driver (src/test/cpp/fake_libcuda.cpp): probe, memory, staging, launches, events, streams, graphs.
 */
class DriverLayerTest {
  private static final List<String> CHECKS =
      List.of("bits", "restore", "graph", "stream", "wrap", "memory", "failure", "staging", "heap");

  @TempDir
  private static Path folder;

  @BeforeAll
  static void standIn() {
    Assumptions.assumeTrue(HostKernels.available(), "there is no g++ to compile the kernels for the host");
    Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "JCuda's natives here are those of Linux");
    HostKernels.linkWith(Path.of("src/test/cpp/fake_libcuda.cpp"), folder.resolve("libcuda.so.1"),
        List.of("-shared", "-Wl,-soname,libcuda.so.1", "-ldl"));
  }

  /** What a process prints that finds the stand-in. */
  private static String run(Class<?> main, List<String> arguments, Map<String, String> environment)
      throws IOException, InterruptedException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("LD_LIBRARY_PATH", folder.toString());
    return ChildJava.run(main, all, List.of(), arguments, Duration.ofMinutes(5));
  }

  @Test
  void theDriverLayerWorksOnAStandInForTheDriver() throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("--json", folder.resolve("gpu-check.json").toString()));
    arguments.addAll(CHECKS);
    String text = run(GpuCheck.class, arguments, Map.of());
    for (String check : CHECKS) {
      assertTrue(text.contains("{\"check\":\"" + check + "\""), text);
    }
    assertTrue(text.contains("a GPU on the host"), text);
  }

  @Test
  void aRunNeverWaitsForTheGpu() throws IOException, InterruptedException {
    String text = run(Synchronisations.class, List.of(), Map.of());
    // The first one looks at the control block too, for steps that are skipped again and again; then it is a hundred steps.
    assertTrue(text.contains("in runs: 0, in await: 2, in the next: 1"), text);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "FAKE_CUDA_INIT=34 | CUDA_ERROR_STUB_LIBRARY | LD_LIBRARY_PATH",
      "FAKE_CUDA_INIT=100 | finds no GPU | CUDA_VISIBLE_DEVICES",
      "FAKE_CUDA_INIT=802 | CUDA_ERROR_SYSTEM_NOT_READY | nvidia-fabricmanager",
      "FAKE_CUDA_INIT=803 | CUDA_ERROR_SYSTEM_DRIVER_MISMATCH | restart after updating",
      "FAKE_CUDA_INIT=804 | CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE | cuda-compat",
      "FAKE_CUDA_INIT=999 | CUDA_ERROR_UNKNOWN | nvidia-smi",
      "FAKE_CUDA_VERSION=10020 | is of CUDA 10.2 and the kernels need 11.0 | update the driver",
      "FAKE_CUDA_GPUS=0 | lists no GPU | nvidia-smi",
      "FAKE_CUDA_CAPABILITY=61 | has compute capability 6.1 | use OpenCL or the CPU"})
  void whatIsMissingIsSaidWithItsRemedy(String setting, String problem, String remedy)
      throws IOException, InterruptedException {
    String[] variable = setting.split("=");
    String text = run(Probing.class, List.of(), Map.of(variable[0], variable[1]));
    assertTrue(text.contains("Unavailable") && text.contains(problem) && text.contains(remedy), text);
  }

  @Test
  void aJvmThatCopiesArraysForNativeCodeFindsTheSameGpu() throws IOException, InterruptedException {
    String text = ChildJava.run(Probing.class, Map.of("LD_LIBRARY_PATH", folder.toString()), List.of("-Xcheck:jni"),
        List.of(), Duration.ofMinutes(1));
    assertTrue(text.contains("name=a GPU on the host"), text);
    assertTrue(text.contains("folders for temporary files: []"), text);
  }

  /** A driver that lacks what JCuda's library is linked to. */
  @Test
  void aDriverThatJCudaCannotUseIsSaidToBeSo() throws IOException, InterruptedException {
    Path broken = Files.createDirectories(folder.resolve("broken"));
    Path source = Files.writeString(broken.resolve("empty.cpp"), "extern \"C\" int cuInit(unsigned) { return 0; }\n");
    HostCompiler.link(List.of(source), broken.resolve("libcuda.so.1"),
        List.of("-shared", "-fPIC", "-Wl,-soname,libcuda.so.1"));
    String text = run(Probing.class, List.of(), Map.of("LD_LIBRARY_PATH", broken.toString(), "LD_BIND_NOW", "1"));
    assertTrue(text.contains("JCuda's native library") && text.contains("update the NVIDIA driver"), text);
  }

  /** Prints what a probe finds, and which folders for temporary files other threads saw meanwhile. */
  static final class Probing {
    private Probing() {}

    public static void main(String[] args) {
      List<Object> folders = new ArrayList<>();
      Properties noting = new Properties() {
        @Override
        public synchronized Object put(Object key, Object value) {
          if (key.equals("java.io.tmpdir")) {
            folders.add(value);
          }
          return super.put(key, value);
        }
      };
      System.getProperties().forEach((key, value) -> noting.setProperty((String) key, (String) value));
      folders.clear();
      System.setProperties(noting);
      System.out.println(new CudaBackend().probe());
      System.out.println("folders for temporary files: " + folders);
    }
  }
}
