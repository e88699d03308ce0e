package io.nlar.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.Traces;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
  @TempDir
  private Path folder;

  @Test
  void refusesAFolderAndAFileInNoFolder() {
    assertTrue(assertThrows(CommandFailedException.class, () -> OutputFile.at(folder)).getMessage()
        .contains("it is a folder"));
    assertTrue(assertThrows(CommandFailedException.class, () -> OutputFile.at(folder.resolve("a/b"))).getMessage()
        .contains("there is no folder " + folder.resolve("a")));
  }

  @Test
  void aFolderOfItsOwnIsCreatedUnlessAFileIsInTheWay() throws IOException {
    OutputFile.in(folder.resolve("new"), "b.json").write(out -> out.write('b'));
    assertEquals("b", Files.readString(folder.resolve("new/b.json")));
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThrows(CommandFailedException.class, () -> OutputFile.in(file, "b.json"));
  }

  @Test
  void checkingLeavesNothingBehind() throws IOException {
    OutputFile.at(folder.resolve("a"));
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void aLinkStaysAndWhatItLeadsToIsReplaced() throws IOException {
    Path target = Files.writeString(Files.createDirectories(folder.resolve("far")).resolve("a"), "earlier");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("far/a"));
    OutputFile.at(link).write(out -> out.write("later".getBytes()));
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("later", Files.readString(target));
  }

  /** As containers mount single files. */
  @Test
  void aFileThatIsMountedForItselfIsRefusedAtOnce() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/unshare")), "there is no unshare");
    Path file = Files.writeString(folder.resolve("a file"), "");
    Path source = Files.writeString(folder.resolve("source"), "source");
    Path trace = folder.resolve("trace.json");
    try (InputStream golden = Traces.class.getResourceAsStream("golden/nlarsm-noise-1e-6.json")) {
      Files.copy(golden, trace);
    }
    Run run = Run.program(folder, Map.of(), List.of("/usr/bin/unshare", "--mount", "/bin/sh", "-c",
        "mount --bind source 'a file' || exit 77; exec \"$0\" --enable-native-access=ALL-UNNAMED -cp \"$1\" \"$2\""
            + " replay trace.json --backend cpu --out 'a file'",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), System.getProperty("java.class.path"),
        Main.class.getName()));
    Assumptions.assumeFalse(run.status() == 77 || run.err().startsWith("unshare"), "this user may not mount");
    assertEquals(ExitCode.FAILED, run.status(), run.err());
    assertTrue(run.err().contains("this very file is mounted"), run.err());
    assertEquals("", Files.readString(file));
    assertEquals("source", Files.readString(source));
  }

  /** In /proc not even root may make files. */
  @Test
  void aFolderThatCannotBeWrittenIsNamedWithTheReason() {
    Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self")), "there is no /proc");
    String message = assertThrows(CommandFailedException.class, () -> OutputFile.at(Path.of("/proc/a.json"))).getMessage();
    assertTrue(message.contains("none can be made in the folder /proc ("), message);
    assertTrue(message.contains("make the folder writable, or name a file in another one"), message);
  }

  @Test
  void anEarlierFileIsReplacedOnlyByACompleteOne() throws IOException {
    Path path = Files.writeString(folder.resolve("a"), "earlier");
    OutputFile file = OutputFile.at(path);
    CommandFailedException failure = assertThrows(CommandFailedException.class, () -> file.write(out -> {
      out.write("half".getBytes());
      throw new IOException("disk full");
    }));
    assertTrue(failure.getMessage().contains("disk full"), failure.getMessage());
    assertEquals("earlier", Files.readString(path));
    file.write(out -> out.write("later".getBytes()));
    assertEquals("later", Files.readString(path));
    assertFalse(Files.exists(folder.resolve("a.tmp")));
  }
}
