package io.nlar.internal;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Threads beside a call that reads or writes files: an interrupt of the caller reaches none of them. */
final class Background {
  private Background() {}

  /** A thread's work. */
  interface Work {
    void run() throws IOException;
  }

  /**
   * Starts a thread that ends with its work.
   *
   * @return done when it has ended, with its failure if it had one
   * @throws OutOfMemoryError if there can be no more threads
   */
  static CompletableFuture<Void> start(String name, Work work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name(name).start(() -> {
      try {
        work.run();
        done.complete(null);
      } catch (Throwable e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  /** Throws the failure of a {@link Work}, for the caller that waits for it. */
  static void rethrow(Throwable failure) throws IOException {
    switch (failure) {
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError(failure);
    }
  }
}
