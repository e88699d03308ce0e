package io.nlar.cuda;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Processes of Java with the class path of this one. */
final class ChildJava {
  private ChildJava() {}

  /** A process that runs the main method of a class. */
  static ProcessBuilder start(Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
        "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }
}
