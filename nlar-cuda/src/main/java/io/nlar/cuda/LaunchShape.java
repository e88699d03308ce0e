package io.nlar.cuda;

import io.nlar.spi.queue.StepTables;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** How the work of a step is cut; the kernels' sources hold the same numbers. */
final class LaunchShape {
  /** Elements of a chunk, the work of one thread block; of up to eight where there are few chunks. */
  static final int CHUNK = 8192;
  /** Elements of a block of the fixed-shape sums; a chunk is a whole number of blocks. */
  static final int SUM_BLOCK = StepTables.BLOCK;
  /** Threads that sum a chunk: one warp for each two of its blocks. */
  static final int SUM_THREADS = CHUNK / SUM_BLOCK / 2 * 32;
  /** Threads that update a chunk. */
  static final int APPLY_THREADS = 256;
  /** A chunk is split as long as that makes no more thread blocks than the largest GPUs hold at once. */
  private static final int MOST_SPLIT = 512;
  /** Eight thread blocks a chunk: then each thread has a single pack of floats. */
  private static final int MOST_SPLITTING = 3;
  /** Four thread blocks, where a pack has eight elements: then each thread has a single one. */
  private static final int MOST_SPLITTING_NARROW = 2;
  /** Alignment in bytes from which kernels use their widest accesses. */
  static final int WIDE = 16;

  private LaunchShape() {}

  /**
   * Binary logarithm of the number of thread blocks that share each chunk in an update. It changes no bit: elements do not
   * know of each other.
   *
   * @param chunks how many there are
   * @param elements the elements of each, by its number
   * @param narrow whether anything of them is kept in 16 bits
   */
  static int splitting(int chunks, IntUnaryOperator elements, boolean narrow) {
    int longest = IntStream.range(0, chunks).map(elements).max().orElse(0);
    int splitting = narrow ? MOST_SPLITTING_NARROW : MOST_SPLITTING;
    // Of the longest the first thread block is not to have all.
    while (splitting > 0 && ((long) chunks << splitting > MOST_SPLIT || longest <= CHUNK >> splitting)) {
      splitting--;
    }
    return splitting;
  }
}
