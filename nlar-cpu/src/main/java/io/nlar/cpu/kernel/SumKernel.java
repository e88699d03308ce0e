package io.nlar.cpu.kernel;

import io.nlar.DType;
import io.nlar.spi.StepPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Sums of blocks of 1024 elements in the fixed shape of docs/numerics.md. */
public interface SumKernel {
  /** Elements a block. */
  int BLOCK = StepPlan.BLOCK;

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
    return Math.ceilDiv(elements, (long) BLOCK);
  }

  /**
   * Adds the lanes of the row at an address, which it overwrites: l and l + 16, then l and l + 8, down to l and l + 1. A loop
   * of what is added in registers: with all of it in one expression the compiler would inline no more than half. The sums on
   * vectors have its second half of their own, as they took a tenth longer with a call of this one.
   */
  static double sumOfLanes(long row) {
    for (int lane = 0; lane < LANES / 4; lane++) {
      final double even = lane(row, lane) + lane(row, lane + 16);
      final double odd = lane(row, lane + 8) + lane(row, lane + 24);
      Memory.EVERYWHERE.set(ValueLayout.JAVA_DOUBLE, row + (long) lane * Double.BYTES, even + odd);
    }
    final double s04 = lane(row, 0) + lane(row, 4);
    final double s15 = lane(row, 1) + lane(row, 5);
    final double s26 = lane(row, 2) + lane(row, 6);
    final double s37 = lane(row, 3) + lane(row, 7);
    return (s04 + s26) + (s15 + s37);
  }

  private static double lane(long row, int lane) {
    return Memory.EVERYWHERE.get(ValueLayout.JAVA_DOUBLE, row + (long) lane * Double.BYTES);
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
