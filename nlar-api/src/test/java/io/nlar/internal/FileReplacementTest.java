package io.nlar.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileReplacementTest {
  @TempDir
  private Path folder;

  private static FileReplacement.Content text(String text) {
    return channel -> channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private void assertOnly(Path... files) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      assertEquals(Set.of(files), Set.copyOf(found.toList()));
    }
  }

  @Test
  void aFailureInMidWriteKeepsTheOldFileAndLeavesNoOther() throws IOException {
    Path file = Files.writeString(folder.resolve("state"), "old");
    for (Throwable failure : List.of(new IOException("full"), new IllegalStateException("broken"))) {
      assertEquals(failure.getMessage(), assertThrows(failure.getClass(), () -> FileReplacement.write(file, channel -> {
        text("half").writeTo(channel);
        if (failure instanceof IOException checked) {
          throw checked;
        }
        throw (RuntimeException) failure;
      })).getMessage());
      assertEquals("old", Files.readString(file));
      assertOnly(file);
    }
    FileReplacement.write(file, text("new"));
    assertEquals("new", Files.readString(file));
    assertOnly(file);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void permissionsAreThoseOfTheOldFileOrOfNewFiles() throws IOException {
    Path file = folder.resolve("state");
    FileReplacement.write(file, text("new"));
    Path ordinary = Files.createFile(folder.resolve("ordinary"));
    assertEquals(Files.getPosixFilePermissions(ordinary), Files.getPosixFilePermissions(file));
    Set<PosixFilePermission> unusual = PosixFilePermissions.fromString("rw-rw---x");
    Files.setPosixFilePermissions(file, unusual);
    FileReplacement.write(file, text("newer"));
    assertEquals(unusual, Files.getPosixFilePermissions(file));
    assertEquals("newer", Files.readString(file));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void linksStayAndWhatTheyNameIsReplaced() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path target = elsewhere.resolve("state");
    Path middle = Files.createSymbolicLink(folder.resolve("middle"), Path.of("elsewhere/state"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), middle);
    for (String content : List.of("created", "replaced")) {
      FileReplacement.write(link, text(content));
      assertEquals(content, Files.readString(target));
      assertTrue(Files.isSymbolicLink(link) && Files.isSymbolicLink(middle) && Files.isRegularFile(target));
    }
    assertOnly(elsewhere, middle, link);
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    assertThrows(FileSystemLoopException.class, () -> FileReplacement.write(loop, text("")));
  }

  @Test
  void whatCannotBeAFileIsRefusedByName() {
    Path missing = folder.resolve("no/such");
    String message = assertThrows(NoSuchFileException.class,
        () -> FileReplacement.write(missing.resolve("state"), text(""))).getMessage();
    assertTrue(message.startsWith(missing + ": there is no such folder"), message);
    for (Path path : List.of(folder, folder.getRoot())) {
      message = assertThrows(FileSystemException.class, () -> FileReplacement.write(path, text(""))).getMessage();
      assertTrue(message.startsWith(path + ": it is a folder"), message);
    }
  }

  @Test
  void devicesAreNotReplaced() {
    Path device = Path.of("/dev/null");
    Assumptions.assumeTrue(Files.exists(device), "there is no such device");
    String message =
        assertThrows(FileSystemException.class, () -> FileReplacement.write(device, text(""))).getMessage();
    assertTrue(message.startsWith(device + ": "), message);
    assertTrue(Files.exists(device) && !Files.isRegularFile(device));
  }
}
