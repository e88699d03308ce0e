package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The backend on the module path, in a JVM of its own. */
class ModulePathTest {
  private static final String MODULE = "module app { requires io.nlar; }";
  private static final String MAIN = """
      package app;
      import io.nlar.*;
      public class Main {
        public static void main(String[] args) {
          float[] w = {1, 2, 3};
          float[] g = {1, 1, 1};
          try (ArrayStep step = ArrayStep.builder(StepConfig.nlarsm().withScaling(new Scaling.None()))
              .add("w", w, g).open()) {
            step.run();
            System.out.println(Backends.probe().get("cpu").getClass().getSimpleName() + " " + java.util.Arrays.toString(w));
          }
        }
      }
      """;

  private static Path location(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static String run(Path folder, int status, String... command) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    String text = Files.readString(output);
    assertEquals(status, process.exitValue(), text);
    return text;
  }

  private static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  /** Nlar, as jars or folders of classes. */
  private static String libraries() throws URISyntaxException {
    return Stream.concat(
            Stream.of(location(Backends.class), location(CpuBackend.class)).map(Path::toString),
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> Path.of(entry).getFileName().toString().startsWith("jackson-")))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Compiles the program; returns the folder of its classes. */
  private static String compile(Path folder) throws Exception {
    Path source = Files.createDirectories(folder.resolve("src"));
    Files.writeString(source.resolve("module-info.java"), MODULE);
    Files.writeString(source.resolve("Main.java"), MAIN);
    String classes = folder.resolve("classes").toString();
    run(folder, 0, tool("javac"), "-p", libraries(), "-d", classes, source.resolve("module-info.java").toString(),
        source.resolve("Main.java").toString());
    return classes;
  }

  @Test
  @Timeout(120)
  void aStepRunsAndTheVectorModuleIsResolvedByItself(@TempDir Path folder) throws Exception {
    String output = run(folder, 0, tool("java"), "-Dnlar.device=cpu", "--enable-native-access=io.nlar.cpu", "-p",
        compile(folder) + File.pathSeparator + libraries(), "-m", "app/app.Main");
    assertTrue(output.contains("Available [0.9, 1.9, 2.9]"), output);
    assertTrue(!output.contains("restricted method"), output);
  }

  /** Of the module on the module path, of everything on the class path. */
  @Test
  @Timeout(120)
  void whereNativeAccessIsDeniedTheMessageHasTheOptionThatAllowsIt(@TempDir Path folder) throws Exception {
    String path = compile(folder) + File.pathSeparator + libraries();
    String module = run(folder, 1, tool("java"), "-Dnlar.device=cpu", "--illegal-native-access=deny", "-p", path, "-m", "app/app.Main");
    assertTrue(module.contains("start Java with --enable-native-access=io.nlar.cpu"), module);
    String unnamed = run(folder, 1, tool("java"), "-Dnlar.device=cpu", "--illegal-native-access=deny", "-cp", path, "app.Main");
    assertTrue(unnamed.contains("start Java with --enable-native-access=ALL-UNNAMED"), unnamed);
  }
}
