package io.nlar.internal;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Errors of the file system that name the file, say what the system said, and what to do. */
final class FileErrors {
  private FileErrors() {}

  /** An error that the caller found. */
  static FileSystemException refused(Path file, String reason) {
    return new FileSystemException(file.toString(), null, reason);
  }

  /** An error without a cause, for a file that is not there. */
  static NoSuchFileException missing(Path file, String reason) {
    return new NoSuchFileException(file.toString(), null, reason);
  }

  /** Symbolic links without an end. */
  static FileSystemLoopException loop(Path file, String reason) {
    return new FileSystemLoopException(file + ": " + reason);
  }

  /**
   * An error that the system gave, of the same type where callers may tell it from others.
   *
   * @param what what could not be done, and with which part of the file system
   * @param remedy what to do
   */
  static FileSystemException explained(Path file, String what, IOException cause, String remedy) {
    String reason = what + ": " + said(cause) + "; " + remedy;
    FileSystemException explained = switch (cause) {
      case NoSuchFileException e -> missing(file, reason);
      case AccessDeniedException e -> new AccessDeniedException(file.toString(), null, reason);
      default -> refused(file, reason);
    };
    explained.initCause(cause);
    return explained;
  }

  /** What the system said: some exceptions say it by their type alone. */
  private static String said(IOException cause) {
    String said = cause instanceof FileSystemException e ? e.getReason() : cause.getMessage();
    if (said != null && !said.isBlank()) {
      return said;
    }
    return switch (cause) {
      case AccessDeniedException e -> "permission denied";
      case NoSuchFileException e -> "no such file or folder";
      default -> cause.getClass().getSimpleName();
    };
  }
}
