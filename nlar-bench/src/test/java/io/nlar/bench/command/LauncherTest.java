package io.nlar.bench.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cli.BrokenBackend;
import io.nlar.cli.ExitCode;
import io.nlar.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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
    Files.createDirectories(bundle.resolve("tools"));
    Files.copy(Path.of("../tools/need"), bundle.resolve("tools/need"));
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
    Map<String, String> all = new HashMap<>(Map.of("JAVA_HOME", System.getProperty("java.home")));
    all.putAll(environment);
    return Run.program(Path.of("/"), all, command);
  }

  /** What a line of bash does in the folder above the bundle. */
  private static Run bash(Map<String, String> environment, String line) throws Exception {
    Map<String, String> all = new HashMap<>(Map.of("JAVA_HOME", System.getProperty("java.home")));
    all.putAll(environment);
    return Run.program(folder, all, List.of("/bin/bash", "-c", line));
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
  void needsNoHomeAndIsNotLedAstrayByCdpath() throws Exception {
    Path other = Files.createDirectories(folder.resolve("other/a bundle"));
    Run run = bash(Map.of("CDPATH", other.getParent().toString()), "unset HOME; 'a bundle/nlar' devices");
    assertEquals(ExitCode.OK, run.status(), run.err());
    assertTrue(run.out().contains("cpu:0"), run.out());
    Run bare = bash(Map.of(), "env -i JAVA_HOME=\"$JAVA_HOME\" 'a bundle/nlar' --version");
    assertEquals(ExitCode.OK, bare.status(), bare.err());
  }

  @Test
  void outputThatIsLostIsAFailure() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");
    for (String command : List.of("devices", "jmh -l")) {
      for (String nowhere : List.of(">/dev/full", ">&-")) {
        Run run = bash(Map.of(), "'a bundle/nlar' " + command + " " + nowhere);
        assertEquals(ExitCode.FAILED, run.status(), command + nowhere + run.err());
        assertTrue(run.err().startsWith("nlar: standard output was lost"), command + nowhere + run.err());
      }
    }
  }

  @Test
  void aReaderThatHasSeenEnoughIsNoFailure() throws Exception {
    Run run = bash(Map.of(), "'a bundle/nlar' --help | exec true; exit ${PIPESTATUS[0]}");
    assertEquals(new Run(ExitCode.OK, "", ""), run);
  }

  @Test
  void messagesMayBeClosed() throws Exception {
    assertEquals(ExitCode.OK, bash(Map.of(), "'a bundle/nlar' --version 2>&-").status());
    assertEquals(ExitCode.USAGE, bash(Map.of(), "'a bundle/nlar' trian 2>&-").status());
  }

  /** In the locale C Java has no name for a folder in other letters. */
  @Test
  void aNameThatTheLocaleLacksIsAWrongArgument() throws Exception {
    // The shell makes the name, for this JVM's own locale may lack it too.
    Run run = bash(Map.of("LC_ALL", "C"), "'a bundle/nlar' replay trace.json --out $'gr\\xc3\\xbcn.json'");
    assertEquals(ExitCode.USAGE, run.status(), run.err());
    assertTrue(run.err().contains("--out") && run.err().contains("LC_ALL=C.UTF-8"), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
  }

  @Test
  void passesOnOptionsForJava() throws Exception {
    Run run = launch(bundle.resolve("nlar"), Map.of("NLAR_JAVA_OPTS", "-D" + BrokenBackend.PROPERTY + "= -Xmx256m"),
        "devices");
    assertTrue(run.out().contains("broken:0"), run.out());
  }
}
