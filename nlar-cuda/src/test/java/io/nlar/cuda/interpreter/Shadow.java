package io.nlar.cuda.interpreter;

import java.util.HashMap;
import java.util.Map;

/** Who has accessed each byte of a memory. */
final class Shadow {
  private static final int PAGE = 256;

  /** The accesses of a byte that later ones have to come after. */
  static final class Cell {
    /** The last ordinary write; thread -1: none yet. */
    int writer = -1;
    int writeTime;
    Instruction write;
    /** The last reads and strong writes of each thread. */
    final Accesses reads = new Accesses();
    final Accesses strongReads = new Accesses();
    final Accesses strongWrites = new Accesses();
    /** A load that may have read what a cache held when the kernel began. */
    Instruction nonCoherent;
  }

  /** The last access of each thread, with its time. */
  static final class Accesses {
    private int thread = -1;
    private int time;
    private int[] times;
    Instruction last;

    void add(int thread, int time, int threads, Instruction instruction) {
      last = instruction;
      if (times == null && this.thread >= 0 && this.thread != thread) {
        times = new int[threads];
        times[this.thread] = this.time;
      }
      if (times != null) {
        times[thread] = time;
      } else {
        this.thread = thread;
        this.time = time;
      }
    }

    /** A thread whose access the clock has not seen; -1 where it has seen all. */
    int unseen(RaceDetector.Clock clock) {
      if (times == null) {
        return thread >= 0 && clock.of(thread) < time ? thread : -1;
      }
      for (int i = 0; i < times.length; i++) {
        if (clock.of(i) < times[i]) {
          return i;
        }
      }
      return -1;
    }

    void clear() {
      thread = -1;
      times = null;
    }
  }

  private final String name;
  private final Map<Long, Cell[]> pages = new HashMap<>();
  private long lastNumber = -1;
  private Cell[] last;

  Shadow(String name) {
    this.name = name;
  }

  Cell at(long place) {
    long number = place / PAGE;
    if (number != lastNumber) {
      last = pages.computeIfAbsent(number, n -> new Cell[PAGE]);
      lastNumber = number;
    }
    int i = (int) (place % PAGE);
    if (last[i] == null) {
      last[i] = new Cell();
    }
    return last[i];
  }

  @Override
  public String toString() {
    return name;
  }
}
