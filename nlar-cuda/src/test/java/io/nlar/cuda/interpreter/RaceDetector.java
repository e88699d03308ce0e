package io.nlar.cuda.interpreter;

import java.util.HashMap;
import java.util.Map;

/**
 * Finds accesses to the same byte, at least one of them a write, that nothing orders: data races of the PTX memory model,
 * which a GPU may execute in any order, whatever the order was here. Vector clocks tell what each thread has seen of all
 * others. What orders (happens before):
 *
 * <ul>
 * <li>a thread's own instructions, in the order of the program;
 * <li>{@code bar.sync}: whatever its threads did before it is before what they do after it;
 * <li>{@code bar.warp.sync}: the same for the lanes in its mask;
 * <li>a fence ({@code membar.gl}, {@code membar.sys}, {@code fence} of scope gpu or sys) before an atomic or strong write,
 *     by way of an atomic or strong read that finds that write (or one of the atomics that followed on it), to a fence
 *     after that read. {@code .release} and {@code .acquire} on the access itself stand for its fence.
 * </ul>
 *
 * <p>Nothing else does, which is at most stricter than the memory model: no shuffle or vote, no dependence of data, no
 * fence or access of scope cta, no atomic without its fences. Two atomic or strong accesses never race; of a strong and
 * an ordinary one, at least one a write, the memory model asks for an order too. What {@code ld.global.nc} has read must
 * not be written by the whole launch. Launches follow each other on a queue, so that each begins with no past.
 */
final class RaceDetector {

  /** What a thread has seen: its own time and that of all others. */
  static final class Clock {
    private final int self;
    private int now = 1;
    /** Of the others; shared between threads that have met, and never changed. */
    private int[] seen;

    private Clock(int self, int[] seen) {
      this.self = self;
      this.seen = seen;
    }

    int of(int thread) {
      return thread == self ? now : seen[thread];
    }

    private void join(int[] other) {
      if (other != null && other != seen) {
        seen = joined(seen, other);
      }
    }

    /** Everything seen so far, and a new time for what follows. */
    private int[] published() {
      int[] all = seen.clone();
      all[self] = now++;
      return all;
    }
  }

  private final int threads;
  private final int threadsOfBlock;
  private final GlobalMemory memory;
  private final Clock[] clocks;
  /** What each thread published at its last fence, for those who read what it writes next. */
  private final int[][] released;
  /** What each thread has got from reads, and has seen once it fences. */
  private final int[][] acquired;
  /** What each place of strong writes passes on to its readers. */
  private final Map<Shadow, Map<Long, int[]>> places = new HashMap<>();

  RaceDetector(int blocks, int threadsOfBlock, GlobalMemory memory) {
    threads = Math.multiplyExact(blocks, threadsOfBlock);
    this.threadsOfBlock = threadsOfBlock;
    this.memory = memory;
    clocks = new Clock[threads];
    int[] nothing = new int[threads];
    for (int i = 0; i < threads; i++) {
      clocks[i] = new Clock(i, nothing);
    }
    released = new int[threads][];
    acquired = new int[threads][];
  }

  private static int[] joined(int[] a, int[] b) {
    if (a == null || b == null || a == b) {
      return a == null ? b : a;
    }
    int[] both = a.clone();
    for (int i = 0; i < both.length; i++) {
      both[i] = Math.max(both[i], b[i]);
    }
    return both;
  }

  void fence(int thread) {
    acquire(thread);
    release(thread);
  }

  private void acquire(int thread) {
    clocks[thread].join(acquired[thread]);
    acquired[thread] = null;
  }

  private void release(int thread) {
    released[thread] = clocks[thread].published();
  }

  /** Threads have met. */
  void barrier(int[] meeting) {
    int[] all = null;
    for (int thread : meeting) {
      Clock clock = clocks[thread];
      if (all == null) {
        all = clock.seen.clone();
      } else if (clock.seen != clocks[meeting[0]].seen) {
        for (int i = 0; i < threads; i++) {
          all[i] = Math.max(all[i], clock.seen[i]);
        }
      }
    }
    for (int thread : meeting) {
      all[thread] = clocks[thread].now++;
    }
    for (int thread : meeting) {
      clocks[thread].seen = all;
    }
  }

  void read(int thread, Shadow shadow, long place, int bytes, Order order, boolean nonCoherent, Instruction by) {
    Clock clock = clocks[thread];
    for (int i = 0; i < bytes; i++) {
      Shadow.Cell cell = shadow.at(place + i);
      checkWrite(cell, clock, shadow, place + i, "reads", by);
      if (order.strong()) {
        cell.strongReads.add(thread, clock.now, threads, by);
      } else {
        check(cell.strongWrites, clock, shadow, place + i, "reads", "writes", by);
        cell.reads.add(thread, clock.now, threads, by);
      }
      if (nonCoherent) {
        if (cell.writer >= 0) {
          throw race(clock, cell.writer, shadow, place + i, "reads through a cache", "has written", cell.write, by);
        }
        cell.nonCoherent = by;
      }
    }
    if (order.strong()) {
      receive(thread, shadow, place);
      if (order.acquires()) {
        acquire(thread);
      }
    }
  }

  void write(int thread, Shadow shadow, long place, int bytes, Order order, Instruction by) {
    if (order.releases()) {
      release(thread);
    }
    Clock clock = clocks[thread];
    for (int i = 0; i < bytes; i++) {
      Shadow.Cell cell = shadow.at(place + i);
      checkCoherent(cell, clock, shadow, place + i, by);
      checkWrite(cell, clock, shadow, place + i, "writes", by);
      check(cell.reads, clock, shadow, place + i, "writes", "reads", by);
      if (order.strong()) {
        cell.strongWrites.add(thread, clock.now, threads, by);
      } else {
        check(cell.strongReads, clock, shadow, place + i, "writes", "reads", by);
        check(cell.strongWrites, clock, shadow, place + i, "writes", "writes", by);
        cell.writer = thread;
        cell.writeTime = clock.now;
        cell.write = by;
        cell.reads.clear();
        cell.strongReads.clear();
        cell.strongWrites.clear();
      }
    }
    if (order.strong()) {
      of(shadow).put(place, released[thread]);
    }
  }

  /** An atomic. */
  void update(int thread, Shadow shadow, long place, int bytes, Order order, Instruction by) {
    if (order.releases()) {
      release(thread);
    }
    Clock clock = clocks[thread];
    for (int i = 0; i < bytes; i++) {
      Shadow.Cell cell = shadow.at(place + i);
      checkCoherent(cell, clock, shadow, place + i, by);
      checkWrite(cell, clock, shadow, place + i, "writes", by);
      check(cell.reads, clock, shadow, place + i, "writes", "reads", by);
      cell.strongWrites.add(thread, clock.now, threads, by);
    }
    receive(thread, shadow, place);
    if (released[thread] != null) {
      of(shadow).merge(place, released[thread], RaceDetector::joined);
    }
    if (order.acquires()) {
      acquire(thread);
    }
  }

  private Map<Long, int[]> of(Shadow shadow) {
    return places.computeIfAbsent(shadow, s -> new HashMap<>());
  }

  private void receive(int thread, Shadow shadow, long place) {
    acquired[thread] = joined(acquired[thread], of(shadow).get(place));
  }

  private void checkCoherent(Shadow.Cell cell, Clock clock, Shadow shadow, long place, Instruction by) {
    if (cell.nonCoherent != null) {
      throw new PtxException(at(clock.self, shadow, place) + " writes what is read through a cache that knows of no"
          + " writes: " + by + " and " + cell.nonCoherent);
    }
  }

  private void checkWrite(Shadow.Cell cell, Clock clock, Shadow shadow, long place, String does, Instruction by) {
    if (cell.writer >= 0 && clock.of(cell.writer) < cell.writeTime) {
      throw race(clock, cell.writer, shadow, place, does, "writes", cell.write, by);
    }
  }

  private void check(Shadow.Accesses accesses, Clock clock, Shadow shadow, long place, String does, String did,
      Instruction by) {
    int other = accesses.unseen(clock);
    if (other >= 0) {
      throw race(clock, other, shadow, place, does, did, accesses.last, by);
    }
  }

  private PtxException race(Clock clock, int other, Shadow shadow, long place, String does, String did,
      Instruction first, Instruction second) {
    return new PtxException("race: " + at(clock.self, shadow, place) + " " + does + ", " + thread(other) + " " + did
        + ", and nothing orders them: " + second + " and " + first);
  }

  private String at(int thread, Shadow shadow, long place) {
    GlobalMemory.Allocation allocation = memory.find(place, 1);
    return thread(thread) + " at "
        + (allocation == null ? "byte " + place + " of " + shadow
        : "byte " + (place - allocation.start()) + " of an allocation of " + allocation.bytes());
  }

  private String thread(int thread) {
    return "thread " + thread % threadsOfBlock + " of thread block " + thread / threadsOfBlock;
  }
}
