// Made by build-kernels from src/kernels; change the template there.
package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Sums of products of float64, one lane at a time. */
final class ProductsDoubleScalar implements ProductKernel {

  ProductsDoubleScalar() {}

  @Override
  public void run(long directions, long velocities, int count, long sums, long apart, long scratch) {
    final MemorySegment memory = Memory.EVERYWHERE;
    final long directionRow = scratch + LANES * Double.BYTES;
    final long velocityRow = directionRow + LANES * Double.BYTES;
    for (int lane = 0; lane < LANES; lane++) {
      double products = 0;
      double directionSquares = 0;
      double velocitySquares = 0;
      for (int i = lane; i < count; i += LANES) {
        final double d = memory.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, directions + (long) i * Double.BYTES);
        final double v = memory.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, velocities + (long) i * Double.BYTES);
        products += d * v;
        directionSquares += d * d;
        velocitySquares += v * v;
      }
      memory.set(ValueLayout.JAVA_DOUBLE, scratch + (long) lane * Double.BYTES, products);
      memory.set(ValueLayout.JAVA_DOUBLE, directionRow + (long) lane * Double.BYTES, directionSquares);
      memory.set(ValueLayout.JAVA_DOUBLE, velocityRow + (long) lane * Double.BYTES, velocitySquares);
    }
    memory.set(ValueLayout.JAVA_DOUBLE, sums, SumKernel.sumOfLanes(scratch));
    memory.set(ValueLayout.JAVA_DOUBLE, sums + apart, SumKernel.sumOfLanes(directionRow));
    memory.set(ValueLayout.JAVA_DOUBLE, sums + 2 * apart, SumKernel.sumOfLanes(velocityRow));
  }
}
