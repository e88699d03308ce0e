package io.nlar.cpu;

import io.nlar.spi.StandardArithmetic;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread with {@linkplain StandardArithmetic Java's arithmetic}, which works while its caller waits, where that one's is
 * another. One call at a time.
 */
final class Substitute implements AutoCloseable {
  private static final int OFFERED = 1;
  private static final int TAKEN = 2;
  private static final int NOTHING = 0;

  private final AtomicInteger state = new AtomicInteger(NOTHING);
  private Thread thread;
  private Runnable action;
  private Throwable failure;
  private volatile Thread caller;
  private volatile boolean closing;

  /**
   * Runs {@code action} on this thread if its arithmetic is Java's, else elsewhere, and waits for it.
   *
   * @throws RuntimeException or Error: what it threw
   */
  void run(Runnable action) {
    if (StandardArithmetic.isStandard()) {
      action.run();
    } else {
      runElsewhere(action);
    }
  }

  /** Runs {@code action} on a thread of our own and waits for it. */
  void runElsewhere(Runnable action) {
    if (thread == null) {
      Thread started = Team.threads("substitute").newThread(this::serve);
      started.start();
      thread = started;
    }
    this.action = action;
    failure = null;
    caller = Thread.currentThread();
    try {
      state.set(OFFERED);
      LockSupport.unpark(thread);
      awaitEnd();
    } finally {
      // Where an error ended the waiting: nobody begins any more, or who has begun is waited for.
      if (!state.compareAndSet(OFFERED, NOTHING)) {
        awaitEnd();
      }
      this.action = null;
      caller = null;
    }
    Team.rethrow(failure);
  }

  private void awaitEnd() {
    boolean interrupted = false;
    while (state.get() != NOTHING) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve() {
    while (!closing) {
      if (state.compareAndSet(OFFERED, TAKEN)) {
        try {
          action.run();
        } catch (Throwable thrown) {
          failure = thrown;
        } finally {
          Thread waiting = caller;
          state.set(NOTHING);
          LockSupport.unpark(waiting);
        }
      } else {
        LockSupport.park(this);
        Thread.interrupted(); // nothing here is to be interrupted, and park would not sleep any more
      }
    }
  }

  /** Ends the thread and waits for it. */
  @Override
  public void close() {
    closing = true;
    if (thread != null) {
      Team.end(thread);
    }
  }
}
