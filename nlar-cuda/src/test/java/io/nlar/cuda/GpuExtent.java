package io.nlar.cuda;

/**
 * How much a check on a GPU does, and until when.
 *
 * @param mostParameters of the largest model that is timed
 * @param steps of a long run
 * @param cycles of opening and closing steps
 * @param rounds in which what is timed takes turns
 * @param sampleNanos how long a sample takes at least
 * @param share of how many kernels, and tests of the contract suite, one is run
 * @param mostBits of the number of elements of the largest tensor
 * @param deadline on {@link System#nanoTime}
 */
record GpuExtent(
    long mostParameters, int steps, int cycles, int rounds, long sampleNanos, int share, int mostBits,
    long deadline) {

  /** Everything, in {@code seconds}. */
  static GpuExtent full(int seconds) {
    return new GpuExtent(1L << 30, 100_000, 10_000, 9, 20_000_000, 1, 33, after(seconds));
  }

  /** Everything, but little of each: on a stand-in for a GPU. */
  static GpuExtent small(int seconds) {
    return new GpuExtent(1 << 12, 200, 100, 2, 1, 40, 18, after(seconds));
  }

  private static long after(int seconds) {
    return System.nanoTime() + seconds * 1_000_000_000L;
  }

  /** Seconds that are left; below 0 where there are none. */
  double secondsLeft() {
    return (deadline - System.nanoTime()) / 1e9;
  }
}
