package io.nlar.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A command that was run in this JVM, or a process.
 *
 * @param status its exit status
 * @param out its standard output
 * @param err its messages
 */
public record Run(int status, String out, String err) {

  public static Run of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
    return new Run(status, out.toString(), err.toString());
  }

  /** A program in a process of its own; variables as for {@link #of(ProcessBuilder, Map)}. */
  public static Run program(Path folder, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    return of(new ProcessBuilder(command).directory(folder.toFile()), environment);
  }

  /** A process, with variables beside those of this one; an empty value takes a variable away. */
  public static Run of(ProcessBuilder builder, Map<String, String> environment) throws IOException, InterruptedException {
    environment.forEach((name, value) -> {
      if (value.isEmpty()) {
        builder.environment().remove(name);
      } else {
        builder.environment().put(name, value);
      }
    });
    Path err = Files.createTempFile("run", ".err");
    try {
      Process process = builder.redirectError(err.toFile()).start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Run(process.waitFor(), out, Files.readString(err));
    } finally {
      Files.delete(err);
    }
  }
}
