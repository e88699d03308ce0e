package io.nlar.bench.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that share a range of elements with their caller. Each takes the next piece when it is done with one, and the
 * caller waits for nobody who has not begun, so that a thread that the system holds up holds up nobody else. Pieces are
 * those of Nlar's own CPU step, so that yardsticks differ from it in their arithmetic only.
 */
final class Workers implements AutoCloseable {
  /** Elements that a thread takes at once. */
  static final int PIECE = 1 << 16;
  /** Up to so many elements waking other threads costs more than they save. */
  static final int ALONE = 1 << 15;
  private static final int SPINS = 2000;

  /** What is done to a part of the range. */
  @FunctionalInterface
  interface Part {
    /** Works on {@code count} elements from element {@code from} on; returns a number to be added up. */
    long run(long from, long count);
  }

  /** One range, and how much of it is taken. */
  private static final class Job {
    private final Part part;
    private final long length;
    private final long pieces;
    private final boolean backward;
    private final AtomicLong next = new AtomicLong();
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicLong sum = new AtomicLong();

    Job(Part part, long length, boolean backward) {
      this.part = part;
      this.length = length;
      this.pieces = Math.ceilDiv(length, (long) PIECE);
      this.backward = backward;
    }

    /** What parts return is added up in a local variable: threads must not share a cache line for every piece. */
    void takePieces() {
      busy.incrementAndGet();
      long own = 0;
      for (long taken = next.getAndIncrement(); taken < pieces; taken = next.getAndIncrement()) {
        long from = (backward ? pieces - 1 - taken : taken) * PIECE;
        own += part.run(from, Math.min(PIECE, length - from));
      }
      sum.addAndGet(own);
      busy.decrementAndGet();
    }
  }

  private final Thread[] helpers;
  private volatile Job job;
  private volatile boolean closed;

  /** {@code threads} in all, the caller included. */
  Workers(int threads) {
    this.helpers = new Thread[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = Thread.ofPlatform().daemon().name("nlar-bench-" + (i + 1)).start(this::help);
    }
  }

  /** Runs {@code part} over {@code length} elements from the first on; all is done on return. Returns the sum. */
  long run(long length, Part part) {
    return run(new Job(part, length, false));
  }

  /** The same with the pieces from the last to the first: what was read last is still in a cache. */
  long runBackward(long length, Part part) {
    return run(new Job(part, length, true));
  }

  private long run(Job mine) {
    if (mine.length > ALONE) {
      job = mine;
      for (Thread helper : helpers) {
        LockSupport.unpark(helper);
      }
    }
    mine.takePieces();
    for (int spin = 0; mine.busy.get() > 0; spin++) {
      if (spin < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    return mine.sum.get();
  }

  private void help() {
    Job seen = null;
    while (!closed) {
      for (int spin = 0; job == seen && !closed; spin++) {
        if (spin < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      seen = job;
      if (seen != null) {
        seen.takePieces();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
  }
}
