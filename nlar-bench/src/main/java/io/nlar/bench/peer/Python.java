package io.nlar.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The Python in which peers run: the system property {@value #PROPERTY}, else the environment variable
 * {@value #VARIABLE}, else {@code python3} on the path.
 */
public final class Python {
  /** System property with the Python to run. */
  public static final String PROPERTY = "nlar.python";
  /** Environment variable with the Python to run. */
  public static final String VARIABLE = "NLAR_PYTHON";

  /** Huge pages for PyTorch's memory on the CPU, as Nlar's own memory has them; unless the user says otherwise. */
  private static final Map<String, String> ENVIRONMENT = Map.of("THP_MEM_ALLOC_ENABLE", "1");

  private static final String SCRIPT = "pytorch_adam.py";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Takes a step of the very optimizer, which says what an import alone does not. */
  private static final String LOOK = """
      import platform, sys, torch
      x = torch.nn.Parameter(torch.zeros(1))
      x.grad = torch.ones(1)
      torch.optim.Adam([x], fused=True).step()
      print("nlar-torch", torch.__version__, torch.cuda.is_available(), platform.python_version(), sys.executable)
      """;
  private static final String MARK = "nlar-torch ";

  private static Torch torch;

  /**
   * What there is of PyTorch.
   *
   * @param version its version; null where there is none that can be used
   * @param cuda whether it sees a CUDA device
   * @param python version and path of its Python; null where there is none
   * @param reason why there is none; null where there is
   */
  record Torch(String version, boolean cuda, String python, String reason) {
    static Torch none(String reason) {
      return new Torch(null, false, null, reason);
    }
  }

  private Python() {}

  /** The program to run. */
  static String executable() {
    String variable = System.getenv(VARIABLE);
    return System.getProperty(PROPERTY, variable == null || variable.isBlank() ? "python3" : variable);
  }

  /** Looks for PyTorch, once for each program. */
  static synchronized Torch torch() {
    if (torch == null) {
      torch = look(executable(), PATIENCE);
    }
    return torch;
  }

  /** Names another program to run, and forgets what was found of the one before. */
  public static synchronized void use(String program) {
    System.setProperty(PROPERTY, program);
    torch = null;
  }

  /** Python, PyTorch and what their environment was given, by name; empty if nobody looked or there is none. */
  public static synchronized Map<String, String> describe() {
    Map<String, String> found = new LinkedHashMap<>();
    if (torch != null && torch.version() != null) {
      found.put("python", torch.python());
      found.put("pytorch", torch.version());
      found.put("pytorchEnvironment", environment().toString());
    }
    return found;
  }

  private static Map<String, String> environment() {
    Map<String, String> all = new LinkedHashMap<>(ENVIRONMENT);
    all.replaceAll((name, value) -> System.getenv().getOrDefault(name, value));
    return all;
  }

  /** Asks a Python for its torch. */
  static Torch look(String executable, Duration patience) {
    String remedy = "; to compare with it, set " + VARIABLE + " (or --python) to a Python that has torch";
    Path said = null;
    try {
      said = Files.createTempFile("nlar-bench", ".out");
      Process process = new ProcessBuilder(executable, "-c", LOOK)
          .redirectErrorStream(true).redirectOutput(said.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return Torch.none(executable + " did not import torch within " + patience.toSeconds() + " s" + remedy);
      }
      List<String> lines = Files.readAllLines(said, StandardCharsets.ISO_8859_1).stream()
          .filter(line -> !line.isBlank()).toList();
      return lines.stream().filter(line -> line.startsWith(MARK)).findFirst()
          .filter(line -> process.exitValue() == 0)
          .map(Python::found)
          .orElseGet(() -> Torch.none(executable + " has no torch with a fused Adam ("
              + (lines.isEmpty() ? "status " + process.exitValue() : lines.getLast().strip()) + ")" + remedy));
    } catch (IOException e) {
      return Torch.none("there is no program " + executable + remedy);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Torch.none("interrupted while looking for torch");
    } finally {
      delete(said);
    }
  }

  private static Torch found(String line) {
    String[] words = line.substring(MARK.length()).split(" ", 4);
    return new Torch(words[0], words[1].equals("True"), words[2] + ", " + words[3], null);
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }

  /** The peer's script, which this jar holds, with arguments. */
  static ProcessBuilder script(List<String> arguments) {
    try (InputStream in = Python.class.getResourceAsStream(SCRIPT)) {
      Path script = Files.createTempFile("nlar-bench", ".py");
      script.toFile().deleteOnExit();
      Files.write(script, in.readAllBytes());
      List<String> command = new ArrayList<>(List.of(executable(), "-u", script.toString()));
      command.addAll(arguments);
      ProcessBuilder program = new ProcessBuilder(command);
      program.environment().putAll(environment());
      return program;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
