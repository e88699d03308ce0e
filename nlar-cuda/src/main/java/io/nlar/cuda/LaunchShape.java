package io.nlar.cuda;

/** How the work of a step is cut; the kernels' sources hold the same numbers. */
final class LaunchShape {
  /** Elements of a chunk, the work of one thread block. */
  static final int CHUNK = 4096;
  /** Elements of a block of the fixed-shape sums; a chunk is a whole number of blocks. */
  static final int SUM_BLOCK = 1024;
  /** Threads that sum a chunk: one warp for each of its blocks. */
  static final int SUM_THREADS = CHUNK / SUM_BLOCK * 32;
  /** Threads that update a chunk. */
  static final int APPLY_THREADS = 256;
  /** Alignment in bytes from which kernels use their widest accesses. */
  static final int WIDE = 16;

  private LaunchShape() {}

  /** Number of parts of size {@code part} that hold {@code count}; at least 1. */
  static long parts(long count, int part) {
    return Math.max(1, count / part + (count % part == 0 ? 0 : 1));
  }
}
