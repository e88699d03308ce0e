package io.nlar.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
