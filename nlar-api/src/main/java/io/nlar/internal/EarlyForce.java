package io.nlar.internal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Forces a file to the disk while it is still being written, in a thread of its own: the disk works meanwhile, and when all is
 * written little is left to wait for.
 */
final class EarlyForce implements AutoCloseable {
  /** Bytes from one time to the next: 8, 16 and 32 MiB were measured. */
  private static final long STRIDE = 16 << 20;

  private final RandomAccessFile file;
  private long written;
  private CompletableFuture<Void> latest = CompletableFuture.completedFuture(null);

  EarlyForce(RandomAccessFile file) {
    this.file = file;
  }

  /**
   * So many bytes more are written.
   *
   * @throws IOException if earlier ones could not be brought to the disk
   */
  synchronized void written(long bytes) throws IOException {
    long before = written;
    written += bytes;
    if (before / STRIDE < written / STRIDE && latest.isDone()) {
      close();
      latest = force();
    }
  }

  private CompletableFuture<Void> force() {
    try {
      return Background.start("nlar-save-force", () -> file.getFD().sync());
    } catch (OutOfMemoryError noThread) {
      return CompletableFuture.completedFuture(null); // the file is forced when it is complete in any case
    }
  }

  /**
   * Waits until the disk is left alone; goes on through interrupts.
   *
   * @throws IOException if something could not be brought to the disk, which the system says only once
   */
  @Override
  public synchronized void close() throws IOException {
    try {
      latest.join();
    } catch (CompletionException e) {
      Background.rethrow(e.getCause());
    }
  }
}
