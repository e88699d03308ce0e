package io.nlar.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a source tree: when it builds, and what it says where it may not. Maven is a script here. */
class SourceTreeTest {
  private static final String NOBODY = "65534";

  @TempDir
  private Path folder;
  private Path root;
  private Path built;

  @BeforeEach
  void tree() throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    root = folder.resolve("a tree");
    built = Files.createDirectories(root.resolve("nlar-experiments/target")).resolve("class-path");
    Files.createDirectories(root.resolve("tools"));
    Files.copy(Path.of("../nlar"), root.resolve("nlar"));
    Files.copy(Path.of("../tools/need"), root.resolve("tools/need"));
    Files.writeString(root.resolve("pom.xml"), "");
    Path maven = Files.writeString(Files.createDirectories(folder.resolve("bin")).resolve("mvn"), """
        #!/bin/bash
        echo built >>nlar-experiments/target/times
        printf %s '"""
        + classPath() + "' >nlar-experiments/target/class-path\n");
    assertTrue(maven.toFile().setExecutable(true));
  }

  /** This JVM's class path behind an entry in the tree, by which the launcher knows whose it is. */
  private String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(":")).filter(entry -> Files.exists(Path.of(entry)))
        .collect(Collectors.joining(":", root.resolve("nlar-experiments/target") + ":", ""));
  }

  private Run launch(String... prefix) throws Exception {
    List<String> command = new ArrayList<>(List.of(prefix));
    command.addAll(List.of("/bin/bash", root.resolve("nlar").toString(), "--version"));
    return Run.program(folder, Map.of("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"),
        "JAVA_HOME", System.getProperty("java.home")), command);
  }

  /** The same as a user who may not write here. */
  private Run launchAsOther() throws Exception {
    boolean root = Files.getOwner(folder).getName().equals("root");
    Assumptions.assumeTrue(!root || Files.exists(Path.of("/usr/bin/setpriv")), "there is no setpriv");
    return root ? launch("/usr/bin/setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups") : launch();
  }

  private void forbid(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r-xr-xr-x"));
  }

  @Test
  void buildsOnceAndAgainWhenSomethingIsGone() throws Exception {
    Run first = launch();
    assertEquals(ExitCode.OK, first.status(), first.err());
    assertTrue(first.err().contains("there are no built classes"), first.err());
    assertEquals(new Run(ExitCode.OK, first.out(), ""), launch());
    Files.writeString(built, Files.readString(built) + ":" + folder.resolve("gone.jar"));
    Run again = launch();
    assertTrue(again.err().contains(folder.resolve("gone.jar") + ", which they need, is gone"), again.err());
    assertEquals(2, Files.readAllLines(built.resolveSibling("times")).size());
  }

  @Test
  void aTreeThatMayNotBeWrittenIsSaidWithTheRemedy() throws Exception {
    forbid(built.getParent());
    try {
      Run run = launchAsOther();
      assertEquals(ExitCode.FAILED, run.status(), run.err());
      assertTrue(run.err().contains("you may not write to " + built.getParent()), run.err());
      assertTrue(run.err().contains("cp -R '" + root + "' ~/nlar"), run.err());
    } finally {
      Files.setPosixFilePermissions(built.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  /** As on a checkout that root has built: the jars lie in root's folders. */
  @Test
  void jarsThatMayNotBeReadAreSaidBeforeJavaMissesThem() throws Exception {
    Path closed = Files.createDirectories(folder.resolve("closed"));
    Files.createFile(closed.resolve("a.jar"));
    Files.writeString(built, built.getParent() + ":" + closed.resolve("a.jar"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
    forbid(built.getParent());
    try {
      Run run = launchAsOther();
      assertEquals(ExitCode.FAILED, run.status(), run.err());
      assertTrue(run.err().contains(closed.resolve("a.jar") + ", which they need, is gone or not for you to read"),
          run.err());
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setPosixFilePermissions(built.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void twoThatStartAtOnceBuildOnce() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/flock")), "there is no flock");
    Path maven = folder.resolve("bin/mvn");
    Files.writeString(maven, Files.readString(maven).replace("#!/bin/bash\n", "#!/bin/bash\nsleep 1\n"));
    String both = "'" + root.resolve("nlar") + "' --version & bash '" + root.resolve("nlar") + "' --version; wait";
    Run run = Run.program(folder, Map.of("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"),
        "JAVA_HOME", System.getProperty("java.home")), List.of("/bin/bash", "-c", both));
    assertEquals(List.of("built"), Files.readAllLines(built.resolveSibling("times")), run.err());
  }
}
