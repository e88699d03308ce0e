package io.nlar.internal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.Set;

/**
 * Writes a file beside its target and moves it there when it is complete: a failure leaves the target as it was. An
 * interrupt does not cut it short; the thread's status stays.
 */
final class FileReplacement {
  private static final int MOST_LINKS = 40;

  private FileReplacement() {}

  /** Writes the content of a file. */
  interface Content {
    /**
     * Writes it.
     *
     * @param force is told what is written, where it is much
     */
    void writeTo(RandomAccessFile file, EarlyForce force) throws IOException;
  }

  /**
   * Creates or replaces a file. A symbolic link stays, and what it names is replaced. The target's permissions are
   * kept; a new file has those that the process gives to new files. What processes that were killed in the middle left
   * of the same target is deleted, on systems that say which those are (Linux).
   *
   * @throws IOException if that fails; the message names the file and what to do
   */
  static void write(Path file, Content content) throws IOException {
    Path target = target(file);
    TemporaryFile.deleteRests(target);
    try (TemporaryFile temporary = create(file, target)) {
      Set<PosixFilePermission> permissions = permissions(file, target, temporary);
      try {
        try (EarlyForce force = new EarlyForce(temporary.file())) {
          content.writeTo(temporary.file(), force);
        }
        temporary.file().getFD().sync();
      } catch (IOException e) {
        throw FileErrors.explained(file, "it cannot be written", e,
            "make room on the disk of " + target.getParent() + ", or save elsewhere; an earlier file is as it was");
      }
      move(file, target, temporary, permissions);
    }
    force(target.getParent());
  }

  /** What is to be replaced, checked as far as it can be beforehand. */
  private static Path target(Path file) throws IOException {
    try {
      file.toFile();
    } catch (UnsupportedOperationException e) {
      throw FileErrors.refused(file, "it lies in an archive or another file system of Java's; save outside, and copy it in");
    }
    Path target = followed(file);
    if (Files.isDirectory(target)) {
      throw FileErrors.refused(file, "it is a folder; name a file in it");
    }
    if (!Files.isDirectory(target.getParent())) {
      throw FileErrors.missing(target.getParent(), "there is no such folder for " + file + "; create it first");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw FileErrors.refused(file, "it is a device or a pipe; name a file");
    }
    return target;
  }

  /** Where a chain of symbolic links ends, whether there is a file or not. */
  private static Path followed(Path file) throws IOException {
    Path end = file.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(end); links++) {
      if (links == MOST_LINKS) {
        throw FileErrors.loop(file, "its symbolic links lead in a circle; name a file");
      }
      try {
        end = end.resolveSibling(Files.readSymbolicLink(end));
      } catch (IOException e) {
        throw FileErrors.explained(file, "the symbolic link " + end + " cannot be read", e, "name a file");
      }
    }
    return end;
  }

  private static TemporaryFile create(Path file, Path target) throws IOException {
    try {
      return TemporaryFile.create(target);
    } catch (IOException e) {
      throw FileErrors.explained(file, "no file can be created in " + target.getParent(), e, "a state is written beside"
          + " its target and moved there when it is complete, so that a failure keeps the earlier file: make the folder"
          + " writable, or save into one that is");
    }
  }

  /**
   * Gives the temporary file the permissions of its target, so that nobody can read it who could not before; its owner
   * may always, for the next writer to see whether it is in use.
   *
   * @return those of the target; null where there are none to keep
   */
  private static Set<PosixFilePermission> permissions(Path file, Path target, TemporaryFile temporary)
      throws IOException {
    if (!Files.exists(target) || Files.getFileAttributeView(target, PosixFileAttributeView.class) == null) {
      return null;
    }
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(target);
      Set<PosixFilePermission> readable = new HashSet<>(permissions);
      readable.add(PosixFilePermission.OWNER_READ);
      Files.setPosixFilePermissions(temporary.path(), readable);
      return permissions;
    } catch (IOException e) {
      throw FileErrors.explained(file, "its permissions cannot be kept", e, "save to another name");
    }
  }

  private static void move(Path file, Path target, TemporaryFile temporary, Set<PosixFilePermission> permissions)
      throws IOException {
    try (ReplacedFile _ = ReplacedFile.hold(target)) {
      if (permissions != null) {
        Files.setPosixFilePermissions(temporary.path(), permissions);
      }
      temporary.moveTo(target);
    } catch (IOException e) {
      throw FileErrors.explained(file, "it cannot be replaced", e, "a state is written beside its target and moved"
          + " there: where the file alone is mounted, as into a container, mount its folder; where another program uses"
          + " it or its name is too long, save to another name");
    }
  }

  /** Makes the move last, where the system opens folders; the file itself is on the disk already. */
  private static void force(Path folder) {
    boolean interrupted = Thread.interrupted(); // would close the channel
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException unsupported) {
      // Windows, for one, opens no folder.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
