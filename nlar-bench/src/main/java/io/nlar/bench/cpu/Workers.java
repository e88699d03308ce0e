package io.nlar.bench.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that share a range of elements with their caller. Each takes the next piece when it is done with one, so that
 * a thread that the system holds up holds up nobody else.
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

  private final Thread[] helpers;
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong next = new AtomicLong();
  private Part part;
  private long length;
  private long piece;
  private volatile int round;
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
    boolean together = helpers.length > 0 && length * elementBytes >= FEWEST_BYTES_PER_THREAD * (helpers.length + 1);
    this.part = part;
    this.length = length;
    this.piece = PIECE_BYTES / elementBytes;
    next.set(0);
    if (together) {
      pending.set(helpers.length);
      round++;
      for (Thread helper : helpers) {
        LockSupport.unpark(helper);
      }
    }
    takePieces();
    for (int spin = 0; pending.get() > 0; spin++) {
      if (spin < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  private void takePieces() {
    for (long at = next.getAndAdd(piece); at < length; at = next.getAndAdd(piece)) {
      part.run(at, Math.min(at + piece, length));
    }
  }

  private void help() {
    int seen = 0;
    while (true) {
      for (int spin = 0; round == seen && !closed; spin++) {
        if (spin < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      if (closed) {
        return;
      }
      seen = round;
      takePieces();
      pending.decrementAndGet();
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
