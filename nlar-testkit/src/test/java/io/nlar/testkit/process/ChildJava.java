package io.nlar.testkit.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Processes of Java with the class path of this one, and with the Vector API where this one has it. */
public final class ChildJava {
  private static final String VECTORS = "jdk.incubator.vector";
  /** With which kernels the CPU backend begins: children of a test take the test's. */
  private static final String VECTORS_AFTER = "nlar.cpu.vectors-after";

  private ChildJava() {}

  /**
   * A process that runs the main method of a class.
   *
   * @param options for the JVM, behind those that every child gets
   */
  public static ProcessBuilder of(Class<?> main, List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    if (ModuleLayer.boot().findModule(VECTORS).isPresent()) {
      command.add("--add-modules=" + VECTORS);
    }
    if (System.getProperty(VECTORS_AFTER) != null) {
      command.add("-D" + VECTORS_AFTER + "=" + System.getProperty(VECTORS_AFTER));
    }
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }

  /**
   * What such a process prints. Fails where it does not end well.
   *
   * @param environment variables beside those of this process
   * @param patience how long it may take
   */
  public static String run(Class<?> main, Map<String, String> environment, List<String> options,
      List<String> arguments, Duration patience) throws IOException, InterruptedException {
    ProcessBuilder builder = of(main, options, arguments);
    builder.environment().putAll(environment);
    return run(builder, patience);
  }

  /** What a process prints. Fails where it does not end well. */
  public static String run(ProcessBuilder builder, Duration patience) throws IOException, InterruptedException {
    Path log = Files.createTempFile("child", ".log");
    try {
      Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        fail(builder.command() + " did not end; so far: " + Files.readString(log));
      }
      String output = Files.readString(log);
      assertEquals(0, process.exitValue(), output);
      return output;
    } finally {
      Files.delete(log);
    }
  }
}
