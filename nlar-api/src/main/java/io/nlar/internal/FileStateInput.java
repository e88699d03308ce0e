package io.nlar.internal;

import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A regular file that is read. The thread that restores goes through no channel, which an interrupt would close: an interrupted
 * thread goes on reading, and its status stays. The channel is for threads of Nlar's own.
 */
final class FileStateInput implements StateInput {
  private final Path path;
  private final RandomAccessFile file;
  private final long size;

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be read, or is no regular file: what else there is may block for ever; the message
   *     names the file
   */
  FileStateInput(Path path) throws IOException {
    this.path = path;
    if (Files.isDirectory(path)) {
      throw FileErrors.refused(path, "it is a folder; name a file in it");
    }
    if (!Files.exists(path)) {
      throw FileErrors.missing(path, "there is no such file, or it lies in a folder that may not be searched");
    }
    if (!Files.isRegularFile(path)) {
      throw FileErrors.refused(path, "it is a pipe or a device; copy what it gives to a file, and name that");
    }
    this.file = open(path);
    try {
      this.size = file.length();
    } catch (IOException e) {
      file.close();
      throw unreadable(e);
    }
  }

  private RandomAccessFile open(Path path) throws IOException {
    File local;
    try {
      local = path.toFile();
    } catch (UnsupportedOperationException e) {
      throw FileErrors.refused(path, "it lies in an archive or another file system of Java's; copy it out first");
    }
    try {
      return new RandomAccessFile(local, "r");
    } catch (IOException e) {
      throw FileErrors.explained(path, "it cannot be opened", e, "let this user read it");
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) throws IOException {
    try {
      file.seek(position);
      file.readFully(target, offset, length);
    } catch (EOFException e) {
      throw shorter(e);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public Positional positional() {
    FileChannel channel = file.getChannel();
    return (position, target) -> {
      for (long next = position; target.hasRemaining(); ) {
        int count;
        try {
          count = channel.read(target, next);
        } catch (IOException e) {
          throw unreadable(e);
        }
        if (count < 0) {
          throw shorter(new EOFException());
        }
        next += count;
      }
    };
  }

  private IOException shorter(EOFException cause) {
    return FileErrors.explained(path, "it became shorter while it was read", cause, "restore when nothing writes it");
  }

  private IOException unreadable(IOException cause) {
    return FileErrors.explained(path, "it cannot be read", cause, "check the disk, or restore from a copy");
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
