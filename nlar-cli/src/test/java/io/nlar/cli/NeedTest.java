package io.nlar.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** tools/need where a JDK is missing: one of a release that no machine has, and package managers that are scripts. */
class NeedTest {
  private static final String RELEASE = "99";

  @TempDir
  private Path folder;
  private Path programs;
  private Path script;

  @BeforeEach
  void prepare() throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash");
    programs = Files.createDirectories(folder.resolve("bin"));
    String source = Files.readString(Path.of("../tools/need"));
    String other = source.replace("readonly release=25\n", "readonly release=" + RELEASE + "\n");
    assertFalse(other.equals(source), "the script names its release");
    script = Files.writeString(folder.resolve("need"), other);
    for (String tool : List.of("sed", "grep", "uname", "mkdir", "chmod")) {
      program(tool, "PATH=/bin:/usr/bin exec " + tool + " \"$@\"");
    }
  }

  private void program(String name, String body) throws IOException {
    Path file = Files.writeString(programs.resolve(name), "#!/bin/bash\n" + body + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  private void user(int id) throws IOException {
    program("id", "echo " + id);
  }

  /** A package manager of Debian whose lists hold {@code offered}, and which says what it was told to do. */
  private void apt(String offered) throws IOException {
    program("apt-cache", "[ \"$2\" = '" + offered + "' ] && printf '%s:\\n  Installed: (none)\\n  Candidate: 1.0\\n' \"$2\"\n"
        + "[ \"$2\" = known-only-by-name ] && printf '%s:\\n  Candidate: (none)\\n' \"$2\"\nexit 0");
    program("apt-get", "echo \"$*\" >>'" + folder + "/apt'\n"
        + "[ \"$1\" = update ] || { mkdir -p '" + folder + "/jdk/bin'; echo 'JAVA_VERSION=\"" + RELEASE
        + ".0.1\"' >'" + folder + "/jdk/release'; >'" + folder + "/jdk/bin/javac'; chmod +x '"
        + folder + "/jdk/bin/javac'; }");
  }

  private Run need(String what) throws Exception {
    return Run.program(folder, Map.of("PATH", programs.toString(), "JAVA_HOME", folder.resolve("jdk").toString(),
        "HOME", folder.toString()), List.of("/bin/bash", script.toString(), what));
  }

  private List<String> told() throws IOException {
    Path file = folder.resolve("apt");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  @Test
  void rootGetsThePackageThatTheSystemHas() throws Exception {
    user(0);
    apt("temurin-99-jdk");
    Run run = need("jdk");
    assertEquals(ExitCode.OK, run.status(), run.err());
    assertEquals(folder.resolve("jdk") + "\n", run.out());
    assertTrue(run.err().contains("installing it: apt-get install -y --no-install-recommends temurin-99-jdk"), run.err());
    assertEquals(List.of("install -y --no-install-recommends temurin-99-jdk"), told());
  }

  @Test
  void othersGetTheCommand() throws Exception {
    user(1000);
    apt("openjdk-99-jdk-headless");
    Run run = need("jdk");
    assertEquals(1, run.status());
    assertTrue(run.err().contains("  sudo apt-get install -y --no-install-recommends openjdk-99-jdk-headless\n"),
        run.err());
    assertEquals(List.of(), told());
  }

  /** As on Debian 12, whose packages end with JDK 17. */
  @Test
  void whatTheSystemLacksIsNeitherInstalledNorAdvised() throws Exception {
    user(0);
    apt("known-only-by-name");
    program("curl", "exit 1");
    Run run = need("jdk");
    assertEquals(1, run.status());
    assertEquals(List.of("update -qq"), told());
    assertFalse(run.err().contains("install -y"), run.err());
    assertTrue(run.err().contains("  mkdir -p ~/.jdks && curl -fsSL https://api.adoptium.net/"), run.err());
    assertTrue(run.err().contains("or set JAVA_HOME"), run.err());
  }

  /** What the advised command leaves is found, without HOME too. */
  @Test
  void anUnpackedDownloadIsFound() throws Exception {
    user(1000);
    Path home = Files.createDirectories(folder.resolve(".jdks/jdk-99.0.1+9"));
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"99.0.1\"\n");
    assertTrue(Files.createFile(home.resolve("bin/javac")).toFile().setExecutable(true));
    Run run = need("jdk");
    assertEquals(ExitCode.OK, run.status(), run.err());
    assertEquals(home + "\n", run.out());
  }

  @Test
  void otherPackageManagersAreAskedBeforeTheyAreAdvised() throws Exception {
    user(1000);
    program("dnf", "[ \"$*\" = '-q list --available java-99-openjdk-devel' ]");
    Run run = need("jdk");
    assertEquals(1, run.status());
    assertTrue(run.err().contains("  sudo dnf install -y java-99-openjdk-devel\n"), run.err());
    program("dnf", "exit 1");
    run = need("jdk");
    assertEquals(1, run.status());
    assertFalse(run.err().contains("sudo dnf"), run.err());
    assertTrue(run.err().contains("dnf knows none on this system"), run.err());
  }

  @Test
  void mavenIsNeededToo() throws Exception {
    user(1000);
    apt("maven");
    Run run = need("maven");
    assertEquals(1, run.status());
    assertTrue(run.err().contains("  sudo apt-get install -y --no-install-recommends maven\n"), run.err());
    program("mvn", "exit 0");
    run = need("maven");
    assertEquals(programs.resolve("mvn") + "\n", run.out());
  }
}
