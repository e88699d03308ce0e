package io.nlar.opencl;

import io.nlar.DType;
import io.nlar.spi.queue.StepTables;

/**
 * How the work is laid over a device.
 *
 * @param groupSize work-items of a work-group
 * @param chunkBlocks blocks of 1024 elements a chunk, the least that a work-group takes
 * @param bytes how many bytes of a tensor of the arithmetic's type a work-item updates at once, at least four elements'
 * @param groups the most work-groups of a launch
 */
record Mapping(int groupSize, int chunkBlocks, int bytes, int groups) {
  /**
   * One work-item walks a contiguous share of the chunks with wide vectors. A few shares a core, so that a core that
   * is disturbed does not hold up the others.
   */
  static Mapping cpu(int cores) {
    return new Mapping(1, 32, 64, cores * 8);
  }

  /** Work-groups of many work-items take chunks in turn, neighbours in neighbouring vectors of 16 bytes and more. */
  static Mapping gpu(int computeUnits, long largestGroup) {
    int size = (int) Math.min(256, Long.highestOneBit(largestGroup));
    return new Mapping(size, size / StepTables.LANES, 16, computeUnits * 32);
  }

  static Mapping of(DeviceFacts facts) {
    return facts.cpu() ? cpu(facts.computeUnits()) : gpu(facts.computeUnits(), facts.largestGroup());
  }

  /** Elements that a work-item updates at once, by the type that it computes in. */
  int vector(DType arithmetic) {
    return Math.max(4, bytes / arithmetic.bytes());
  }

  /** Elements a chunk. */
  long chunk() {
    return (long) chunkBlocks * StepTables.BLOCK;
  }

  /** Work-groups for this many chunks. */
  int groupsFor(long chunks) {
    return Math.clamp(chunks, 1, groups);
  }

  /**
   * Divides a row of pieces of work into consecutive shares of nearly the same cost. Share i is the pieces from number i of
   * the result to before number i + 1. A piece goes to the share that its middle falls into.
   *
   * @param costs what each piece costs, more than 0
   */
  static int[] divide(long[] costs, int shares) {
    int[] bounds = new int[shares + 1];
    double total = 0;
    for (long cost : costs) {
      total += cost;
    }
    double before = 0;
    int piece = 0;
    for (int share = 0; share < shares; share++) {
      bounds[share] = piece;
      while (piece < costs.length && before + costs[piece] / 2.0 < total * (share + 1) / shares) {
        before += costs[piece++];
      }
    }
    bounds[shares] = costs.length;
    return bounds;
  }
}
