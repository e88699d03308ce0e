package io.nlar.cpu.kernel;

import io.nlar.DType;
import java.lang.foreign.MemorySegment;

/** Sums of blocks of 1024 elements in the fixed shape of docs/numerics.md. */
public interface SumKernel {
  /** Elements a block. */
  int BLOCK = 1024;

  /** Lanes of a block; its rows are as long. */
  int LANES = 32;

  /** Bytes of scratch memory that {@link #run} needs: one row of sums. */
  int SCRATCH_BYTES = LANES * Double.BYTES;

  /**
   * Leaves the sum of every block of {@code count} elements in consecutive doubles.
   *
   * @param memory the memory with the elements, as {@link Memory#forKernels} gives it
   * @param offset the first element's byte offset in it
   * @param count number of elements; the last block may be shorter
   * @param sums address of the first sum; may be the address of the elements
   * @param scratch address of {@value #SCRATCH_BYTES} bytes of the calling thread
   */
  void run(MemorySegment memory, long offset, long count, long sums, long scratch);

  /** How many blocks hold {@code elements}. */
  static long blocks(long elements) {
    return elements / BLOCK + (elements % BLOCK == 0 ? 0 : 1);
  }

  /**
   * What a kernel is specialised to.
   *
   * @param type the element type; not FLOAT16, which is converted before
   * @param vectorBits width of its vectors of doubles; 0 for the scalar kernel
   * @param squares whether elements are squared before they are added
   * @param memory the class of the memory with the elements, as {@link Memory#forKernels} gives it
   */
  record Variant(DType type, int vectorBits, boolean squares, Class<? extends MemorySegment> memory) {

    /** This variant, one element at a time. */
    public Variant scalar() {
      return new Variant(type, 0, squares, memory);
    }
  }
}
