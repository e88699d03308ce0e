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

  private static String run(Path folder, String... command) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    String text = Files.readString(output);
    assertEquals(0, process.exitValue(), text);
    return text;
  }

  @Test
  @Timeout(120)
  void aStepRunsAndTheVectorModuleIsResolvedByItself(@TempDir Path folder) throws Exception {
    String libraries = Stream.concat(
            Stream.of(location(Backends.class), location(CpuBackend.class)).map(Path::toString),
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> Path.of(entry).getFileName().toString().startsWith("jackson-")))
        .collect(Collectors.joining(File.pathSeparator));
    Path source = Files.createDirectories(folder.resolve("src"));
    Files.writeString(source.resolve("module-info.java"), MODULE);
    Files.writeString(source.resolve("Main.java"), MAIN);
    Path classes = folder.resolve("classes");
    String bin = Path.of(System.getProperty("java.home"), "bin").toString();
    run(folder, Path.of(bin, "javac").toString(), "-p", libraries, "-d", classes.toString(),
        source.resolve("module-info.java").toString(), source.resolve("Main.java").toString());
    String output = run(folder, Path.of(bin, "java").toString(), "-Dnlar.device=cpu",
        "--enable-native-access=io.nlar.cpu", "-p", classes + File.pathSeparator + libraries, "-m", "app/app.Main");
    assertTrue(output.contains("Available [0.9, 1.9, 2.9]"), output);
    assertTrue(!output.contains("restricted method"), output);
  }
}
