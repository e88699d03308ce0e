package io.nlar.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Floating-point arithmetic as Java promises it.
 *
 * <p>A native library may have switched the calling thread to flush subnormal numbers to zero, or to another rounding
 * mode (some mathematical libraries and audio code do); the JVM does not notice. Threads that the JVM enters anew are
 * right: one of them works then while its caller waits. One call at a time.
 */
final class StandardArithmetic implements AutoCloseable {
  // Neither final nor constant: the sums below must be done by the processor, not by the compiler.
  private static float smallestNormal = Float.MIN_NORMAL;
  private static float one = 1;
  private static float half = 0.5f;
  private static float halfUlp = 0x1p-24f;
  private static float mostOfUlp = 0x1.8p-24f;

  private static final int OFFERED = 1;
  private static final int TAKEN = 2;
  private static final int NOTHING = 0;

  private final AtomicInteger state = new AtomicInteger(NOTHING);
  private Thread thread;
  private Runnable action;
  private Throwable failure;
  private volatile Thread caller;
  private volatile boolean closing;

  /** Whether the calling thread has it: subnormal results and operands count, and sums round to nearest even. */
  static boolean isHere() {
    return smallestNormal * half > 0 && one + halfUlp == one && one + mostOfUlp > one;
  }

  /**
   * Runs {@code action} on this thread if its arithmetic is Java's, else elsewhere, and waits for it.
   *
   * @throws RuntimeException or Error: what it threw
   */
  void run(Runnable action) {
    if (isHere()) {
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
