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
    CompletableFuture<Void> done = new CompletableFuture<>();
    try {
      Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name("nlar-save-force").start(() -> {
        try {
          file.getFD().sync();
          done.complete(null);
        } catch (Throwable e) {
          done.completeExceptionally(e);
        }
      });
    } catch (OutOfMemoryError noThread) {
      done.complete(null); // the file is forced when it is complete in any case
    }
    return done;
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
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw e;
      }
    }
  }
}
