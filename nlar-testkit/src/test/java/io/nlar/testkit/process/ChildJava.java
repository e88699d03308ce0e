package io.nlar.testkit.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Processes of Java with the class path of this one, and with the Vector API where this one has it. */
public final class ChildJava {
  private static final String VECTORS = "jdk.incubator.vector";

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
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }
}
