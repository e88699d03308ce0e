package io.nlar.cuda.interpreter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** A thread block: its warps, the memory they share, the barriers at which they wait. */
final class ThreadBlock {
  private static final byte GARBAGE = (byte) 0xA7;

  final Launch launch;
  final byte[] shared;
  private final List<Warp> warps = new ArrayList<>();
  private int index;
  private Shadow shadow;

  ThreadBlock(Launch launch) {
    this.launch = launch;
    shared = new byte[launch.kernel.sharedBytes()];
    for (int first = 0; first < launch.threads; first += Instruction.LANES) {
      warps.add(new Warp(this, first / Instruction.LANES));
    }
  }

  /** Begins a thread block of the launch. */
  void start(int index) {
    this.index = index;
    Arrays.fill(shared, GARBAGE);
    shadow = launch.detector == null ? null : new Shadow("shared memory of thread block " + index);
    warps.forEach(warp -> warp.start(launch.threads - warp.number * Instruction.LANES));
  }

  int index() {
    return index;
  }

  /** Who has accessed the memory of a space, where races are looked for. */
  Shadow shadow(Space space) {
    return space == Space.SHARED ? shadow : launch.shadow;
  }

  boolean done() {
    for (Warp warp : warps) {
      if (!warp.done()) {
        return false;
      }
    }
    return true;
  }

  /** Threads have come to a barrier: the last ones let all go on. */
  void arrived(BlockBarrier barrier) {
    for (Warp warp : warps) {
      if (!warp.allAt(barrier)) {
        return;
      }
    }
    warps.forEach(Warp::release);
    if (launch.detector != null) {
      int[] threads = new int[launch.threads];
      for (int i = 0; i < threads.length; i++) {
        threads[i] = index * launch.threads + i;
      }
      launch.detector.barrier(threads);
    }
  }

  /** Runs each warp, in turn, until it waits or {@code most} instructions are done, over and over; returns how many. */
  long run(int[] order, int most) {
    long total = 0;
    while (total < most) {
      long before = total;
      for (int warp : order) {
        total += warps.get(warp).run(most, null);
      }
      if (total == before) {
        checkProgress();
        break;
      }
    }
    return total;
  }

  /** Runs a warp that can, by chance, for a few instructions; returns how many. */
  int run(RandomGenerator random, int most) {
    int first = random.nextInt(warps.size());
    for (int i = 0; i < warps.size(); i++) {
      Warp warp = warps.get((first + i) % warps.size());
      if (warp.canRun()) {
        return warp.run(1 + random.nextInt(most), random);
      }
    }
    checkProgress();
    return 0;
  }

  private void checkProgress() {
    for (Warp warp : warps) {
      if (warp.waiting() != null) {
        throw new PtxException(warp.waiting());
      }
    }
  }
}
