package io.nlar.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.concurrent.ThreadLocalRandom;

/** Writes a file beside its target and moves it there when it is complete: a failure leaves the target as it was. */
final class FileReplacement {
  private static final int MOST_LINKS = 40;

  private FileReplacement() {}

  /** Writes the content of a file. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Creates or replaces a file. A symbolic link stays, and what it names is replaced. The target's permissions are
   * kept; a new file has those that the process gives to new files.
   *
   * @throws IOException if that fails; the message names the file or folder
   */
  static void write(Path file, Content content) throws IOException {
    Path target = followed(file.toAbsolutePath());
    Path folder = target.getParent();
    if (Files.isDirectory(target)) {
      throw new FileSystemException(file.toString(), null, "it is a folder; name a file in it");
    }
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(
          folder.toString(), null, "there is no such folder for " + file + "; create it first");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new FileSystemException(file.toString(), null, "it is a device or a pipe; name a file");
    }
    Path temporary = null;
    try {
      while (temporary == null) {
        Path name = folder.resolve(".nlar-" + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp");
        try (FileChannel channel = FileChannel.open(name, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          temporary = name;
          keepPermissions(target, temporary);
          content.writeTo(channel);
          channel.force(true);
        } catch (FileAlreadyExistsException taken) {
          // another name, then
        }
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    }
    force(folder);
  }

  /** Where a chain of symbolic links ends, whether there is a file or not. */
  private static Path followed(Path path) throws IOException {
    Path end = path;
    for (int links = 0; Files.isSymbolicLink(end); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(path.toString());
      }
      end = end.resolveSibling(Files.readSymbolicLink(end));
    }
    return end;
  }

  private static void keepPermissions(Path target, Path temporary) throws IOException {
    if (Files.exists(target) && Files.getFileAttributeView(target, PosixFileAttributeView.class) != null) {
      Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(target));
    }
  }

  /** Makes the move last, where the system opens folders; the file itself is on the disk already. */
  private static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException unsupported) {
      // Windows, for one, opens no folder.
    }
  }
}
