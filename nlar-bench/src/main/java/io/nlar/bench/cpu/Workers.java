package io.nlar.bench.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Threads that share a range of elements with their caller: each takes one contiguous part of it. */
final class Workers implements AutoCloseable {
  /** Below this, waking other threads costs more than they save. */
  private static final long FEWEST_BYTES_PER_THREAD = 64 << 10;
  /** Parts start at multiples of this many bytes, so that no two threads write to one cache line. */
  private static final long GRAIN_BYTES = 4096;
  /** Elements are worked on in pieces of about this size, so that the work of a piece is compiled as a whole. */
  private static final long PIECE_BYTES = 64 << 10;
  private static final int SPINS = 5000;

  /** What is done to a part of the range. */
  @FunctionalInterface
  interface Part {
    /** Works on elements {@code from} to {@code to} (exclusive). */
    void run(long from, long to);
  }

  private final int threads;
  private final Thread[] helpers;
  private final AtomicInteger pending = new AtomicInteger();
  private Part part;
  private long length;
  private long share;
  private long piece;
  private int active;
  private volatile int round;
  private volatile boolean closed;

  /** {@code threads} in all, the caller included. */
  Workers(int threads) {
    this.threads = threads;
    this.helpers = new Thread[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      int number = i + 1;
      helpers[i] = Thread.ofPlatform().daemon().name("nlar-bench-" + number).start(() -> help(number));
    }
  }

  /** Runs {@code part} over {@code length} elements of {@code elementBytes}; all is done on return. */
  void run(long length, int elementBytes, Part part) {
    int useful = (int) Math.min(threads, length * elementBytes / FEWEST_BYTES_PER_THREAD);
    this.piece = PIECE_BYTES / elementBytes;
    if (useful <= 1) {
      inPieces(part, 0, length);
      return;
    }
    long grain = GRAIN_BYTES / elementBytes;
    this.part = part;
    this.length = length;
    this.share = Math.ceilDiv(Math.ceilDiv(length, useful), grain) * grain;
    this.active = useful;
    pending.set(useful - 1);
    round++;
    for (int i = 0; i < useful - 1; i++) {
      LockSupport.unpark(helpers[i]);
    }
    inPieces(part, 0, Math.min(share, length));
    for (int spin = 0; pending.get() > 0; spin++) {
      if (spin < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  private void inPieces(Part part, long from, long to) {
    for (long at = from; at < to; at += piece) {
      part.run(at, Math.min(at + piece, to));
    }
  }

  private void help(int number) {
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
      if (number < active) {
        inPieces(part, Math.min(number * share, length), Math.min((number + 1) * share, length));
        pending.decrementAndGet();
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
