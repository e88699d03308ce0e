package io.nlar.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.SyncFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is done beside saving a large file: forcing it early, and giving the one before free. */
class EarlyForceTest {
  private static final int MIB = 1 << 20;

  @TempDir
  private Path folder;

  /** The system tells a failure once, so that forcing the file again would not. */
  @Test
  void aFailureOfTheDiskIsTold() throws IOException {
    RandomAccessFile file = new RandomAccessFile(folder.resolve("file").toFile(), "rw");
    EarlyForce force = new EarlyForce(file);
    file.close(); // so that forcing it fails
    force.written(64 * MIB);
    assertThrows(SyncFailedException.class, force::close);
  }

  @Test
  void aFailureEndsTheWriting() throws IOException {
    RandomAccessFile file = new RandomAccessFile(folder.resolve("file").toFile(), "rw");
    EarlyForce force = new EarlyForce(file);
    file.close();
    assertThrows(SyncFailedException.class, () -> {
      for (int i = 0; i < 1_000_000; i++) {
        force.written(64 * MIB);
        Thread.onSpinWait();
      }
    });
  }

  @Test
  void littleIsNotForcedEarly() throws IOException {
    RandomAccessFile file = new RandomAccessFile(folder.resolve("file").toFile(), "rw");
    try (EarlyForce force = new EarlyForce(file)) {
      file.close();
      force.written(MIB);
    }
  }

  @Test
  void aFailureReachesWhoReplacesAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("state"), "old");
    assertThrows(IOException.class, () -> FileReplacement.write(file, (out, force) -> {
      out.close();
      force.written(64 * MIB);
    }));
    assertEquals("old", Files.readString(file));
  }

  /** Neither while it is written nor afterwards is more open or on the disk than there should be. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void filesThatWereReplacedAreGivenFree() throws Exception {
    Path file = folder.resolve("state");
    byte[] content = new byte[5 * MIB];
    for (int i = 0; i < 20; i++) {
      content[i] = 1;
      FileReplacement.write(file, (out, force) -> out.write(content));
    }
    assertEquals(content.length, Files.size(file));
    for (long end = System.nanoTime() + 20_000_000_000L; open(file) > 0; ) {
      assertFalse(System.nanoTime() > end, open(file) + " files are still open");
      Thread.sleep(10);
    }
    try (Stream<Path> found = Files.list(folder)) {
      assertEquals(1, found.count());
    }
    try (ReplacedFile _ = ReplacedFile.hold(file)) {
      assertEquals(1, open(file), "held while another is moved over it");
    }
    Path small = Files.write(folder.resolve("small"), new byte[10]);
    try (ReplacedFile _ = ReplacedFile.hold(small); ReplacedFile _ = ReplacedFile.hold(folder.resolve("none"))) {
      assertEquals(0, open(small));
    }
  }

  /** How many open files of this process are, or were, {@code path}. */
  private static long open(Path path) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.filter(file -> {
        try {
          return Files.readSymbolicLink(file).toString().startsWith(path.toString());
        } catch (IOException closed) {
          return false;
        }
      }).count();
    }
  }
}
