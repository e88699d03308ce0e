package io.nlar.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that a command writes at its end: whether it can be written is found out at the start, and an earlier file at
 * that place is replaced only by a complete one.
 */
public final class OutputFile {
  private final Path path;

  private OutputFile(Path path) {
    this.path = path;
  }

  /**
   * Checks that {@code path} can be written, without changing what lies there.
   *
   * @throws CommandFailedException if it cannot
   */
  public static OutputFile at(Path path) {
    Path absolute = target(path.toAbsolutePath());
    if (Files.isDirectory(absolute)) {
      throw new CommandFailedException("cannot write " + path + ": it is a folder; name a file in it");
    }
    if (!Files.isDirectory(folder(absolute))) {
      throw new CommandFailedException("cannot write " + path + ": there is no folder " + folder(absolute)
          + "; create it first");
    }
    try {
      if (Files.exists(absolute) && !Files.isWritable(absolute)) {
        throw new AccessDeniedException(path.toString());
      }
      if (special(absolute)) {
        Files.newOutputStream(absolute, StandardOpenOption.WRITE).close();
        return new OutputFile(absolute);
      }
    } catch (IOException e) {
      throw new CommandFailedException("cannot write " + path + ": " + reason(e), e);
    }
    if (MountPoints.contain(absolute)) {
      throw new CommandFailedException("cannot write " + path + ": this very file is mounted, and a complete new file"
          + " cannot take its place; mount the folder around it, or name a file in another folder");
    }
    try {
      Files.delete(temporary(absolute));
    } catch (IOException e) {
      throw new CommandFailedException("cannot write " + path + ": a complete new file shall take its place, and none"
          + " can be made in the folder " + folder(absolute) + " (" + reason(e) + "); make the folder writable, or name"
          + " a file in another one", e);
    }
    return new OutputFile(absolute);
  }

  /** The same in a folder that is created where it is absent. */
  public static OutputFile in(Path folder, String name) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CommandFailedException("cannot create the folder " + folder + ": " + reason(e)
          + "; name another one", e);
    }
    return at(folder.resolve(name));
  }

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes the file.
   *
   * @throws CommandFailedException if that fails; an earlier file is kept then
   */
  public void write(Content content) {
    try {
      if (special(path)) {
        try (OutputStream out = Files.newOutputStream(path)) {
          content.writeTo(out);
        }
        return;
      }
      Path temporary = temporary(path);
      try {
        try (OutputStream out = Files.newOutputStream(temporary)) {
          content.writeTo(out);
        }
        Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new CommandFailedException("cannot write " + path + ": " + reason(e)
          + (special(path) ? "" : "; what was there before is kept"), e);
    }
  }

  /** Whether it may be written again and again: a pipe may not. */
  public boolean replaceable() {
    return !special(path);
  }

  /** A pipe or a device: something that cannot be replaced. */
  private static boolean special(Path path) {
    return Files.exists(path) && !Files.isRegularFile(path);
  }

  /** What a symbolic link leads to: that is replaced, and the link stays. */
  private static Path target(Path absolute) {
    try {
      return absolute.toRealPath();
    } catch (IOException absent) {
      return absolute;
    }
  }

  private static Path temporary(Path path) throws IOException {
    return Files.createFile(folder(path).resolve(
        "." + path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp"));
  }

  private static Path folder(Path absolute) {
    return absolute.getParent() == null ? absolute : absolute.getParent();
  }

  /** What went wrong with a file, without the file's name. */
  public static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "no permission";
      case FileAlreadyExistsException exists -> "a file is in the way: " + exists.getFile();
      case FileSystemException other when other.getReason() != null -> other.getReason();
      case FileSystemException other -> other.toString();
      case MalformedInputException garbled -> "it is no text in UTF-8";
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
