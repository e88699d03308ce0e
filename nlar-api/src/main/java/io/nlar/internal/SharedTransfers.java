package io.nlar.internal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Reading or writing that several threads share, which end with it. The calling thread only waits: an interrupt would close a
 * file's channel, and reaches none of these.
 */
final class SharedTransfers {
  /** Bytes that a thread has in its hands: what it has just read or summed lies in its cache when it goes on. */
  static final int PIECE = 256 << 10;
  /** Memory gives no more to many threads than to a few. */
  private static final int MOST_THREADS = 4;

  private SharedTransfers() {}

  /** A numbered part of the work. */
  interface Share {
    /**
     * Does it.
     *
     * @param buffer the thread's memory, as long as a piece
     */
    void run(int number, MemorySegment buffer) throws IOException;
  }

  /**
   * Does the shares 0 … count − 1, about in this order, and returns when no thread is at work any more.
   *
   * @param name of the threads, which get a number behind it
   * @throws IOException what a share has thrown; those that nobody had begun are left out then
   */
  static void run(String name, int count, Share share) throws IOException {
    AtomicInteger next = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (Arena arena = Arena.ofShared()) {
      CompletableFuture<?>[] threads =
          new CompletableFuture<?>[Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_THREADS)];
      for (int i = 0; i < threads.length; i++) {
        threads[i] = started(name + "-" + (i + 1), failure, () -> {
          MemorySegment buffer = arena.allocate(PIECE, Long.BYTES);
          for (int number; failure.get() == null && (number = next.getAndIncrement()) < count; ) {
            share.run(number, buffer);
          }
        });
      }
      CompletableFuture.allOf(threads).join(); // goes on through interrupts
    }
    if (failure.get() != null) {
      Background.rethrow(failure.get());
    }
  }

  /** Done as soon as a thread is, which is a failure where there could be none. */
  private static CompletableFuture<?> started(String name, AtomicReference<Throwable> failure, Background.Work work) {
    try {
      return Background.start(name, () -> {
        try {
          work.run();
        } catch (Throwable e) {
          failure.compareAndSet(null, e);
        }
      });
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
      return CompletableFuture.completedFuture(null);
    }
  }
}
