package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The folder for a machine with a GPU, on one without: made, and run with nothing of this build around it, on stand-ins for
 * NVIDIA's driver (fake_libcuda.cpp), PyTorch (src/test/python) and compute-sanitizer (a script).
 */
class GpuCheckTest {
  private static final Duration PATIENCE = Duration.ofMinutes(8);
  /** All but those that DriverLayerTest runs on the same stand-in. */
  private static final String[] CHECKS = {"kernels", "golden", "growth", "figures", "modes", "latency", "replay", "many", "pytorch",
      "contract", "memcheck", "racecheck", "synccheck", "large"};
  private static final Path SCRIPT = Path.of("gpu-check");

  @TempDir
  private static Path shared;

  private static Path folder;

  @TempDir
  private Path own;

  /** What a run came to. */
  private record Run(int status, String text, Map<String, Object> document) {
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> all() {
      return (List<Map<String, Object>>) document.get("findings");
    }

    List<Map<String, Object>> findings(String check) {
      return all().stream().filter(fields -> check.equals(fields.get("check"))).toList();
    }

    Map<String, Object> finding(String check) {
      assertEquals(1, findings(check).size(), text);
      return findings(check).getFirst();
    }
  }

  @BeforeAll
  static void prepare() throws IOException, InterruptedException {
    Assumptions.assumeTrue(HostKernels.available(), "there is no g++ to compile the kernels for the host");
    Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "JCuda's natives here are those of Linux");
    Assumptions.assumeTrue(hasPython(), "there is no python3 to run the stand-in for PyTorch");
    HostKernels.linkWith(Path.of("src/test/cpp/fake_libcuda.cpp"), shared.resolve("libcuda.so.1"),
        List.of("-shared", "-Wl,-soname,libcuda.so.1", "-ldl"));
    folder = shared.resolve("a folder");
    ProcessBuilder preparing = new ProcessBuilder(SCRIPT.toAbsolutePath().toString(), "--prepare", folder.toString());
    preparing.environment().put("NLAR_CLASS_PATH",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    preparing.environment().put("JAVA_HOME", System.getProperty("java.home"));
    String text = run(preparing, 0);
    assertTrue(text.contains("MiB") && !text.contains("more than"), text);
  }

  private static boolean hasPython() throws InterruptedException {
    try {
      return new ProcessBuilder("python3", "--version").redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  private static String run(ProcessBuilder builder, int status) throws IOException, InterruptedException {
    Path log = Files.createTempFile(shared, "run", ".log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("it did not end: " + Files.readString(log));
    }
    String text = Files.readString(log);
    assertEquals(status, process.exitValue(), text);
    return text;
  }

  /** Runs the folder's script, with little of everything, elsewhere. */
  private Run check(Map<String, String> environment, int status, String... arguments)
      throws IOException, InterruptedException {
    Path json = own.resolve("gpu-check.json");
    List<String> command = new ArrayList<>(List.of(folder.resolve("gpu-check").toString(), "--small"));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(own.toFile());
    builder.environment().remove("JAVA_HOME");
    builder.environment().putAll(environment);
    String text = run(builder, status);
    return new Run(status, text, Files.exists(json) ? JSON.std.mapFrom(Files.readString(json)) : Map.of());
  }

  private static Map<String, String> standIns(String torch, Path sanitizer) {
    return Map.of("LD_LIBRARY_PATH", shared.toString(), "PYTHONPATH",
        Path.of("src/test/python").toAbsolutePath().toString(), "FAKE_TORCH", torch, "PYTHONDONTWRITEBYTECODE", "1",
        "PATH", sanitizer + ":" + System.getenv("PATH"));
  }

  /** A compute-sanitizer that starts the process, says what its last word is, also where the process's time was over, and ends as that did. */
  private Path sanitizer(String words) throws IOException {
    Path program = Files.writeString(Files.createDirectories(own.resolve("bin")).resolve("compute-sanitizer"), """
        #!/usr/bin/env bash
        [ "$1 $3 $4 $5 $6" = "--tool --target-processes all --error-exitcode 99" ] || exit 7
        shift 6
        "$@"
        status=$?
        [ $status = 0 ] || [ $status = 3 ] || exit $status
        """ + words + "\nexit $status\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return program.getParent();
  }

  @Test
  void everythingIsDoneOnStandIns() throws IOException, InterruptedException {
    Run run = check(standIns("", sanitizer("echo '========= ERROR SUMMARY: 0 errors'")), 1, CHECKS);
    assertEquals(true, run.document.get("complete"));
    assertEquals("a GPU on the host", run.document.get("device"));
    for (String check : List.of("kernels", "golden", "pytorch", "contract", "memcheck", "racecheck", "synccheck")) {
      assertEquals(true, run.finding(check).get("passed"), run.text);
    }
    // A stand-in is no match for a GPU.
    assertEquals(List.of("latency", "latency", "latency"), run.all().stream().filter(fields -> fields.containsKey("failed")
        || Boolean.FALSE.equals(fields.get("met"))).map(fields -> fields.get("check")).toList(), run.text);
    assertEquals(List.of(4, 4), run.findings("large").stream().map(fields -> fields.get("places")).toList(), run.text);
    assertEquals(List.of(1024, 4096), run.findings("figures").stream().map(fields -> fields.get("parameters")).toList());
    assertTrue(run.findings("figures").stream().allMatch(fields -> (double) fields.get("stepMicroseconds") > 0));
    for (String rule : List.of("Nlarcm", "Nlarsf", "Schedule-Free AdamW")) {
      assertEquals(List.of("float32", "compact", "bfloat16 and remainder", "bfloat16 alone", "float16 and master"),
          run.findings("modes").stream().filter(fields -> rule.equals(fields.get("rule"))).map(fields -> fields.get("mode")).toList());
    }
    assertTrue(run.findings("modes").stream().allMatch(fields -> (double) fields.get("gain") > 0), run.text);
    assertTrue((double) run.finding("replay").get("replayMicroseconds") > 0, run.text);
    assertEquals(1, run.finding("many").get("tensors"));
    assertEquals(10, run.findings("rival").size());
    assertEquals(2, run.findings("rival").stream().filter(fields -> fields.containsKey("perByte")).count());

    // Its tables are made where it was run.
    String tables = run(new ProcessBuilder(folder.resolve("gpu-check").toString(), "--tables",
        own.resolve("gpu-check.json").toString()), 0);
    for (String part : List.of("### a GPU on the host, 20", "\n| 1 Ki |", "\n| 4 Ki |", "\n| Nlarsf | 4 Ki | compact |", "\n| kernels | kernels 6, passed |",
        "\n| racecheck | kernels 6, passed |")) {
      assertTrue(tables.contains(part), tables);
    }
  }

  /** Without a GPU, a CUDA toolkit or PyTorch it says what is missing, and the rest is done. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "nocuda   | python3 | finds no CUDA; install one that is built for it",
      "noimport | python3 | ImportError: libcudart.so.12",
      "         | /nowhere/python | there is no program /nowhere/python; name a Python that has PyTorch with --python"})
  void withoutPyTorchTheRestIsDone(String torch, String python, String reason) throws IOException, InterruptedException {
    Run run = check(standIns(torch == null ? "" : torch, own), 3, "--python", python, "figures", "pytorch", "memcheck");
    assertEquals(2, run.findings("figures").size());
    assertTrue(String.valueOf(run.finding("pytorch").get("skipped")).contains(reason), run.text);
    assertTrue(String.valueOf(run.finding("memcheck").get("skipped")).contains("compute-sanitizer"), run.text);
  }

  @Test
  void withoutAGpuPyTorchIsTimedAllTheSame() throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>(standIns("", own));
    environment.put("FAKE_CUDA_INIT", "100");
    Run run = check(environment, 1);
    assertTrue(String.valueOf(run.finding("device").get("failed")).contains("finds no GPU"), run.text);
    assertEquals("there is no device", run.finding("bits").get("skipped"));
    assertEquals(10, run.findings("rival").size());
    assertTrue(GpuTables.of(Files.readString(own.resolve("gpu-check.json"))).startsWith("### no GPU, "));
  }

  @Test
  void aRivalThatFailsOrHasTooLittleMemoryLeavesTheOthers() throws IOException, InterruptedException {
    Run broken = check(standIns("broken", own), 1, "figures", "pytorch");
    assertEquals(2, broken.findings("rival").stream()
        .filter(fields -> String.valueOf(fields.get("failed")).contains("illegal instruction")).count(), broken.text);
    assertEquals(8, broken.findings("rival").stream().filter(fields -> fields.containsKey("microseconds")).count());
    for (String little : List.of("small", "full")) {
      Run run = check(standIns(little, own), 3, "pytorch");
      assertTrue(run.findings("rival").stream().allMatch(fields -> "memory".equals(fields.get("skipped"))), run.text);
    }
  }

  @Test
  void whatASanitizerFindsFails() throws IOException, InterruptedException {
    Run found = check(standIns("", sanitizer("echo 'Invalid __global__ read'; exit 99")), 1, "memcheck");
    assertTrue(String.valueOf(found.finding("memcheck").get("failed")).contains("Invalid __global__ read"), found.text);
    Run silent = check(standIns("", sanitizer("")), 1, "racecheck");
    assertTrue(String.valueOf(silent.finding("racecheck").get("failed")).contains("no summary"), silent.text);
  }

  /** What is behind the time is left out; the file is whole. */
  @Test
  void theTimeIsKept() throws IOException, InterruptedException {
    Run run = check(standIns("", own), 3, "--seconds", "1", "bits", "figures", "pytorch");
    assertEquals("time", run.finding("bits").get("skipped"));
    assertEquals(true, run.document.get("complete"));
    Run hanging = check(standIns("", sanitizer("sleep 60")), 3, "--seconds", "8", "memcheck");
    assertTrue(String.valueOf(hanging.finding("memcheck").get("skipped")).startsWith("time"), hanging.text);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"bit | there are the checks", "--seconds 0 | a whole number above 0",
      "--seconds | takes a value", "--jsn x | no check or option"})
  void aWrongCommandLineIsRefused(String arguments, String reason) throws IOException, InterruptedException {
    Run run = check(standIns("", own), 2, arguments.split(" "));
    assertTrue(run.text.contains(reason), run.text);
    assertFalse(Files.exists(own.resolve("gpu-check.json")));
  }

  @Test
  void itsHelpNamesEveryOption() throws IOException, InterruptedException {
    String text = run(new ProcessBuilder(folder.resolve("gpu-check").toString(), "--help"), 2);
    for (String option : List.of("--prepare", "--json", "--python", "--seconds", "--small", "--tables")) {
      assertTrue(text.contains(option), text);
    }
  }
}
