package io.nlar.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a bundle, which it does not build: this JVM's class path as lib/, this JVM as JAVA_HOME. */
class LauncherTest {
  @TempDir
  private static Path folder;

  private static Path bundle;

  @BeforeAll
  static void bundle() throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash");
    bundle = Files.createDirectories(folder.resolve("a bundle"));
    Files.copy(Path.of("../nlar"), bundle.resolve("nlar"));
    assertTrue(bundle.resolve("nlar").toFile().setExecutable(true));
    Path lib = Files.createDirectories(bundle.resolve("lib"));
    int number = 0;
    for (String entry : System.getProperty("java.class.path").split(System.getProperty("path.separator"))) {
      Path jar = lib.resolve(number++ + ".jar");
      if (Files.isDirectory(Path.of(entry))) {
        pack(Path.of(entry), jar);
      } else if (Files.exists(Path.of(entry))) {
        Files.copy(Path.of(entry), jar);
      }
    }
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar)); var files = Files.walk(classes)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        out.putNextEntry(new ZipEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, out);
      }
    }
  }

  private static Run launch(Path launcher, Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(new File("/"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Path err = Files.createTempFile(folder, "err", "");
    Process process = builder.redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out, Files.readString(err));
  }

  @Test
  void runsFromAnywhereThroughLinksWithoutJavasWarning() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a bundle/nlar"));
    Run run = launch(Files.createSymbolicLink(folder.resolve("second"), link), Map.of(), "devices");
    assertEquals(ExitCode.OK, run.status(), run.err());
    assertTrue(run.out().contains("cpu:0"), run.out());
    assertEquals("", run.err());
  }

  @Test
  void passesOnTheExitStatusAndMessages() throws Exception {
    Run run = launch(bundle.resolve("nlar"), Map.of(), "verify", "--backend", "tpu");
    assertEquals(ExitCode.FAILED, run.status());
    assertTrue(run.err().startsWith("nlar: there is no backend 'tpu'"), run.err());
    assertEquals(ExitCode.USAGE, launch(bundle.resolve("nlar"), Map.of(), "trian").status());
  }

  @Test
  void passesOnOptionsForJava() throws Exception {
    Run run = launch(bundle.resolve("nlar"), Map.of("NLAR_JAVA_OPTS", "-D" + BrokenBackend.PROPERTY + "= -Xmx256m"),
        "devices");
    assertTrue(run.out().contains("broken:0"), run.out());
  }
}
