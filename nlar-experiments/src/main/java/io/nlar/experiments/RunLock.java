package io.nlar.experiments;

import io.nlar.cli.CommandFailedException;
import io.nlar.cli.OutputFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a folder of results to one command at a time. The system releases the lock with the end of the process, however
 * it ends; the empty file stays.
 */
final class RunLock implements AutoCloseable {
  static final String NAME = "runs.lock";

  private final FileChannel file;

  private RunLock(FileChannel file) {
    this.file = file;
  }

  /**
   * Takes the lock of a folder, which exists.
   *
   * @throws CommandFailedException if another command has it, or there can be none in this folder
   */
  static RunLock take(Path folder) {
    FileChannel file = null;
    try {
      file = FileChannel.open(folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = file.tryLock();
      if (lock != null) {
        RunLock taken = new RunLock(file);
        file = null;
        return taken;
      }
    } catch (OverlappingFileLockException ours) {
      // reported below as any other command's
    } catch (IOException failure) {
      throw new CommandFailedException("cannot write to the output folder " + folder + ", in which " + NAME
          + " keeps others out (" + OutputFile.reason(failure) + "); give another one with --out", failure);
    } finally {
      close(file);
    }
    throw new CommandFailedException("another train, sweep or ablate is writing to " + folder
        + "; wait for its end, or give another folder with --out");
  }

  @Override
  public void close() {
    close(file);
  }

  private static void close(FileChannel file) {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException failure) {
      // Nothing was written; the lock goes with the process then.
    }
  }
}
