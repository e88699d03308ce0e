package io.nlar.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileReplacementTest {
  @TempDir
  private Path folder;

  private static FileReplacement.Content text(String text) {
    return (file, force) -> file.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Throwable root(Throwable failure) {
    return failure.getCause() == null ? failure : root(failure.getCause());
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
      assertSame(failure, root(assertThrows(Exception.class, () -> FileReplacement.write(file, (out, force) -> {
        text("half").writeTo(out, force);
        if (failure instanceof IOException checked) {
          throw checked;
        }
        throw (RuntimeException) failure;
      }))));
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

  private static void assertSays(IOException failure, Object... words) {
    for (Object word : words) {
      assertTrue(failure.getMessage().contains(word.toString()), failure.getMessage());
    }
  }

  /** The system's own words alone do not tell which file, nor what to do. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void whatTheSystemRefusesIsExplained() throws IOException {
    Path file = folder.resolve("state");
    assertSays(assertThrows(IOException.class, () -> FileReplacement.write(file, (out, force) -> {
      throw new IOException("No space left on device");
    })), file, "No space left on device", "make room on the disk of " + folder);
    assertSays(assertThrows(IOException.class, () -> FileReplacement.write(file, (out, force) -> {
      throw new IOException();
    })), file, "IOException");
    Path tooLong = folder.resolve("n".repeat(300));
    assertSays(assertThrows(IOException.class, () -> FileReplacement.write(tooLong, text(""))), tooLong, "too long");
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    assertSays(assertThrows(IOException.class, () -> FileReplacement.write(loop, text(""))), loop, "in a circle");
    assertOnly(loop);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFolderThatTakesNoFilesIsExplained() throws IOException {
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    Path shut = Files.isWritable(closed) ? Path.of("/sys") : closed; // nothing is shut to root but the system's own
    Assumptions.assumeTrue(Files.isDirectory(shut), "no folder is shut to this user");
    Path file = shut.resolve("nlar-state");
    assertSays(assertThrows(AccessDeniedException.class, () -> FileReplacement.write(file, text(""))), file,
        "no file can be created in " + shut + ": permission denied", "make the folder writable");
  }

  @Test
  void anotherFileSystemOfJavasIsRefused() throws IOException {
    Path archive = folder.resolve("a.zip");
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      Path inside = zip.getPath("/state");
      assertSays(assertThrows(IOException.class, () -> FileReplacement.write(inside, text(""))), inside, "save outside");
      assertSays(assertThrows(IOException.class, () -> new FileStateInput(Files.createFile(inside))), inside, "copy it out");
    }
  }

  @Test
  void anInterruptDoesNotCutItShort() throws IOException {
    Path file = folder.resolve("state");
    Thread.currentThread().interrupt();
    try {
      FileReplacement.write(file, text("first"));
      assertTrue(Thread.interrupted());
      FileReplacement.write(file, (out, force) -> {
        Thread.currentThread().interrupt();
        text("second").writeTo(out, force);
      });
      assertTrue(Thread.currentThread().isInterrupted());
    } finally {
      Thread.interrupted();
    }
    assertEquals("second", Files.readString(file));
    assertOnly(file);
  }

  /** Writes to a file, says so, and does not end. */
  static final class Endless {
    public static void main(String[] arguments) throws IOException {
      FileReplacement.write(Path.of(arguments[0]), (out, force) -> {
        text("half").writeTo(out, force);
        System.out.println("writing");
        System.in.read();
      });
    }
  }

  private static ProcessBuilder java(Class<?> main, Path file) {
    return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), main.getName(),
        file.toString());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatAKilledProcessLeftIsDeletedAndNothingElse() throws Exception {
    Path file = folder.resolve("state");
    Path other = folder.resolve("other");
    Process child = java(Endless.class, file).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      assertEquals("writing", child.inputReader().readLine());
      Path its = onlyTemporary();
      FileReplacement.write(file, text("a"));
      assertOnly(file, its);
      child.destroyForcibly().waitFor();
      FileReplacement.write(other, text("another target"));
      assertOnly(file, other, its);
      // As another machine, whose locks do not reach here, or this one before it was started again would name it.
      Path foreign = Files.createFile(folder.resolve(
          its.getFileName().toString().replace(WriterIdentity.KERNEL, "0".repeat(WriterIdentity.KERNEL.length()))));
      FileReplacement.write(file, text("b"));
      assertOnly(file, other, foreign);
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  private Path onlyTemporary() throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      List<Path> temporary = found.filter(path -> path.toString().endsWith(".tmp")).toList();
      assertEquals(1, temporary.size());
      return temporary.getFirst();
    }
  }

  @Test
  void writersOfOneProcessLeaveEachOtherAlone() throws IOException {
    Path file = folder.resolve("state");
    FileReplacement.write(file, (out, force) -> {
      FileReplacement.write(file, text("inner"));
      assertEquals("inner", Files.readString(file));
      text("outer").writeTo(out, force);
    });
    assertEquals("outer", Files.readString(file));
    assertOnly(file);
  }

  /** Writes a file, and prints why that failed. */
  static final class Once {
    public static void main(String[] arguments) {
      try {
        FileReplacement.write(Path.of(arguments[0]), text("new"));
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  /** As containers mount single files. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aFileThatIsMountedAloneIsExplained() throws Exception {
    Path file = Files.writeString(folder.resolve("state"), "old");
    Path source = Files.writeString(folder.resolve("source"), "old");
    List<String> command = new ArrayList<>(List.of("unshare", "--map-root-user", "--mount", "sh", "-c",
        "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"", source.toString(), file.toString()));
    command.addAll(java(Once.class, file).command());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Assumptions.assumeTrue(process.waitFor() == 0, () -> "this user cannot mount: " + said);
    assertTrue(said.startsWith(file + ": it cannot be replaced: ") && said.contains("mount its folder"), said);
    assertOnly(file, source);
  }
}
