package io.nlar.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The Python in which peers run: the system property {@value #PROPERTY}, else the environment variable
 * {@value #VARIABLE}, else {@code python3} on the path.
 */
public final class Python {
  /** System property with the Python to run. */
  public static final String PROPERTY = "nlar.python";
  /** Environment variable with the Python to run. */
  public static final String VARIABLE = "NLAR_PYTHON";

  private static final String SCRIPT = "pytorch_adam.py";
  private static Torch torch;

  /**
   * What there is of PyTorch.
   *
   * @param version its version; null where there is none
   * @param cuda whether it sees a CUDA device
   * @param reason why there is none; null where there is
   */
  record Torch(String version, boolean cuda, String reason) {}

  private Python() {}

  /** The program to run. */
  static String executable() {
    String variable = System.getenv(VARIABLE);
    return System.getProperty(PROPERTY, variable == null || variable.isBlank() ? "python3" : variable);
  }

  /** Looks for PyTorch, once. */
  static synchronized Torch torch() {
    if (torch == null) {
      torch = look(executable());
    }
    return torch;
  }

  /** PyTorch's version, if it was looked for and found. */
  public static synchronized Optional<String> torchVersion() {
    return Optional.ofNullable(torch).map(Torch::version);
  }

  /** Asks a Python for its torch. */
  static Torch look(String executable) {
    String remedy = "; to compare with it, set " + VARIABLE + " (or --python) to a Python that has torch";
    try {
      Process process = new ProcessBuilder(executable, "-c",
          "import torch; print(torch.__version__, torch.cuda.is_available())").redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      String last = said.substring(said.lastIndexOf('\n') + 1);
      if (process.waitFor() != 0) {
        return new Torch(null, false, executable + " has no torch (" + last + ")" + remedy);
      }
      String[] words = last.split(" ");
      return new Torch(words[0], words[words.length - 1].equals("True"), null);
    } catch (IOException e) {
      return new Torch(null, false, "there is no program " + executable + remedy);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Torch(null, false, "interrupted while looking for torch");
    }
  }

  /** Starts the peer's script, which this jar holds, with arguments. */
  static Process start(List<String> arguments) throws IOException {
    Path script = Files.createTempFile("nlar-bench", ".py");
    script.toFile().deleteOnExit();
    try (InputStream in = Python.class.getResourceAsStream(SCRIPT)) {
      Files.write(script, in.readAllBytes());
    }
    List<String> command = new ArrayList<>(List.of(executable(), "-u", script.toString()));
    command.addAll(arguments);
    return new ProcessBuilder(command).start();
  }
}
