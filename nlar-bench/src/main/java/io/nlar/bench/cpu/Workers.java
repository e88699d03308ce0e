package io.nlar.bench.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that share a range of elements with their caller. Each takes the next piece when it is done with one, and the
 * caller waits for nobody who has not begun, so that a thread that the system holds up holds up nobody else.
 */
final class Workers implements AutoCloseable {
  /** Below this, waking other threads costs more than they save. */
  private static final long FEWEST_BYTES_PER_THREAD = 64 << 10;
  /** A piece's part of each array; a multiple of a page, so that no two threads write to one cache line. */
  private static final long PIECE_BYTES = 64 << 10;
  private static final int SPINS = 5000;

  /** What is done to a part of the range. */
  @FunctionalInterface
  interface Part {
    /** Works on elements {@code from} to {@code to} (exclusive). */
    void run(long from, long to);
  }

  /** One range, and how much of it is taken. */
  private static final class Job {
    private final Part part;
    private final long length;
    private final long piece;
    private final AtomicLong next = new AtomicLong();
    private final AtomicInteger busy = new AtomicInteger();

    Job(Part part, long length, long piece) {
      this.part = part;
      this.length = length;
      this.piece = piece;
    }

    void takePieces() {
      busy.incrementAndGet();
      for (long at = next.getAndAdd(piece); at < length; at = next.getAndAdd(piece)) {
        part.run(at, Math.min(at + piece, length));
      }
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

  /** Runs {@code part} over {@code length} elements of {@code elementBytes}, by all threads or one; done on return. */
  void run(long length, int elementBytes, Part part) {
    Job mine = new Job(part, length, PIECE_BYTES / elementBytes);
    if (length * elementBytes >= FEWEST_BYTES_PER_THREAD * (helpers.length + 1)) {
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
