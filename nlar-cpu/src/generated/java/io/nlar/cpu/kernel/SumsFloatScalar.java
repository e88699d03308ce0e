// Made by build-kernels from src/kernels; change the template there.
package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/** The sums of docs/numerics.md, "Order of the sum of squares", of float32, one lane at a time. */
final class SumsFloatScalar implements SumKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);
  private static final Class<? extends MemorySegment> MEMORY = VARIANT.memory();
  private static final boolean SQUARES = VARIANT.squares();
  private static final int ROW_BYTES = LANES * Float.BYTES;

  /** Lanes that are added side by side, so that no addition waits for the one before. */
  private static final int COLUMN = 4;

  SumsFloatScalar() {}

  @Override
  public void run(MemorySegment elements, long offset, long count, long sums, long scratch) {
    final MemorySegment everywhere = Memory.EVERYWHERE;
    long sum = sums;
    for (long first = 0; first < count; first += BLOCK) {
      final int present = (int) Math.min(BLOCK, count - first);
      final int rows = present / LANES;
      final long block = offset + first * Float.BYTES;
      addRows(elements, block, rows, scratch);
      addRest(elements, block + (long) rows * ROW_BYTES, present % LANES, scratch);
      everywhere.set(ValueLayout.JAVA_DOUBLE, sum, SumKernel.sumOfLanes(scratch));
      sum += Double.BYTES;
    }
  }

  /** Adds the rows of a block, and leaves the 32 lanes at {@code scratch}. */
  private static void addRows(MemorySegment elements, long block, int rows, long scratch) {
    final MemorySegment memory = Memory.as(MEMORY, elements);
    final MemorySegment everywhere = Memory.EVERYWHERE;
    for (int lane = 0; lane < LANES; lane += COLUMN) {
      double a0 = 0;
      double a1 = 0;
      double a2 = 0;
      double a3 = 0;
      for (int row = 0; row < rows; row++) {
        final long at = block + (long) row * ROW_BYTES + (long) lane * Float.BYTES;
        final double x0 = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
        final double x1 = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + Float.BYTES);
        final double x2 = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 2 * Float.BYTES);
        final double x3 = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 3 * Float.BYTES);
        a0 += SQUARES ? x0 * x0 : x0;
        a1 += SQUARES ? x1 * x1 : x1;
        a2 += SQUARES ? x2 * x2 : x2;
        a3 += SQUARES ? x3 * x3 : x3;
      }
      final long to = scratch + (long) lane * Double.BYTES;
      everywhere.set(ValueLayout.JAVA_DOUBLE, to, a0);
      everywhere.set(ValueLayout.JAVA_DOUBLE, to + Double.BYTES, a1);
      everywhere.set(ValueLayout.JAVA_DOUBLE, to + 2 * Double.BYTES, a2);
      everywhere.set(ValueLayout.JAVA_DOUBLE, to + 3 * Double.BYTES, a3);
    }
  }

  /** Adds the {@code count} elements of a row that is not full to the first lanes at {@code scratch}. */
  private static void addRest(MemorySegment elements, long row, int count, long scratch) {
    final MemorySegment memory = Memory.as(MEMORY, elements);
    final MemorySegment everywhere = Memory.EVERYWHERE;
    for (int lane = 0; lane < count; lane++) {
      final double x = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, row + (long) lane * Float.BYTES);
      final long to = scratch + (long) lane * Double.BYTES;
      everywhere.set(ValueLayout.JAVA_DOUBLE, to, everywhere.get(ValueLayout.JAVA_DOUBLE, to) + (SQUARES ? x * x : x));
    }
  }
}
