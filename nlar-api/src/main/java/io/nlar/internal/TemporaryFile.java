package io.nlar.internal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file beside its target, which is written and then moved in the target's place.
 *
 * <p>Its name says for which target it is, under which boot of which system, and by which process; and its writer holds a
 * lock on it. So what a killed process left can be told from what another one is writing, also where containers share the
 * folder, or other machines do: locks are trusted only under one kernel, whose files alone are looked at.
 */
final class TemporaryFile implements AutoCloseable {
  private final Path path;
  private final RandomAccessFile file;
  private final FileLock lock;

  private TemporaryFile(Path path, RandomAccessFile file, FileLock lock) {
    this.path = path;
    this.file = file;
    this.lock = lock;
  }

  /** A new empty file, with the permissions that the process gives to new files. */
  static TemporaryFile create(Path target) throws IOException {
    boolean guarded = WriterIdentity.KERNEL != null;
    while (true) {
      Path path = target.resolveSibling((guarded ? ours(target) : ".nlar-")
          + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp");
      try {
        Files.createFile(path);
      } catch (FileAlreadyExistsException taken) {
        continue;
      }
      TemporaryFile opened = null;
      try {
        opened = open(path, guarded);
        if (opened != null) {
          return opened;
        }
        guarded = false;
      } finally {
        if (opened == null) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  /** Opens a file that was just created; null where it cannot be locked, or was taken for a rest before it was. */
  private static TemporaryFile open(Path path, boolean guarded) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    if (!guarded) {
      return new TemporaryFile(path, file, null);
    }
    try {
      FileLock lock = file.getChannel().tryLock();
      if (lock != null && Files.exists(path)) {
        return new TemporaryFile(path, file, lock);
      }
    } catch (IOException noLocks) {
      // Then it gets a name that nobody takes for a rest.
    }
    file.close();
    return null;
  }

  private static String named(Path target) {
    return ".nlar-" + Integer.toHexString(target.getFileName().toString().hashCode()) + "-" + WriterIdentity.KERNEL + "-";
  }

  private static String ours(Path target) {
    return named(target) + WriterIdentity.PROCESS + "-";
  }

  /** Deletes what killed processes left of this target, as far as that is certain. */
  static void deleteRests(Path target) {
    if (WriterIdentity.KERNEL == null) {
      return;
    }
    try (DirectoryStream<Path> rests = Files.newDirectoryStream(target.getParent(), named(target) + "*.tmp")) {
      for (Path rest : rests) {
        // Not this process's own: they are in use, and to close one of its files would end the lock on it.
        if (!rest.getFileName().toString().startsWith(ours(target))
            && Files.isRegularFile(rest, LinkOption.NOFOLLOW_LINKS)) {
          deleteIfUnlocked(rest);
        }
      }
    } catch (IOException | DirectoryIteratorException notToday) {
      // The folder may not be listed; the save that comes needs no list.
    }
  }

  private static void deleteIfUnlocked(Path rest) {
    try (FileChannel channel =
            FileChannel.open(rest, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
      if (lock != null) {
        Files.deleteIfExists(rest);
      }
    } catch (IOException notOurs) {
      // It is another user's, or was deleted at the same time.
    }
  }

  Path path() {
    return path;
  }

  RandomAccessFile file() {
    return file;
  }

  /** Moves the file, whose content is on the disk then, in the target's place. */
  void moveTo(Path target) throws IOException {
    if (lock == null) {
      file.close(); // Windows moves no open files
    }
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Closes the file, and deletes it where it was not moved. */
  @Override
  public void close() throws IOException {
    try {
      Files.deleteIfExists(path);
    } finally {
      file.close();
    }
  }
}
