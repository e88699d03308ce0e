// Made by build-kernels from src/kernels; change the template there.
package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorOperators.Conversion;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Sums of products of float32, on vectors: two columns of a block's lanes at a time, row after row. */
final class ProductsFloatVector implements ProductKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);
  private static final VectorShape SHAPE = VectorShape.forBitSize(VARIANT.vectorBits());
  private static final VectorSpecies<Double> SPECIES = VectorSpecies.of(double.class, SHAPE);
  private static final VectorSpecies<Float> NARROW =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VARIANT.vectorBits() / 2));
  private static final Conversion<Float, Double> EXACT = Conversion.ofCast(float.class, double.class);
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int WIDTH = SPECIES.length();
  private static final int VECTOR_BYTES = WIDTH * Float.BYTES;
  private static final int ROW_BYTES = LANES * Float.BYTES;
  private static final int SUM_BYTES = WIDTH * Double.BYTES;

  ProductsFloatVector() {}

  @Override
  public void run(long directions, long velocities, int count, long sums, long apart, long scratch) {
    final MemorySegment memory = Memory.EVERYWHERE;
    final int rows = count / LANES;
    addRows(directions, velocities, rows, scratch);
    final long directionRow = scratch + LANES * Double.BYTES;
    final long velocityRow = directionRow + LANES * Double.BYTES;
    for (int i = rows * LANES; i < count; i++) {
      final double d = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, directions + (long) i * Float.BYTES);
      final double v = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, velocities + (long) i * Float.BYTES);
      final long lane = (long) (i - rows * LANES) * Double.BYTES;
      add(memory, scratch + lane, d * v);
      add(memory, directionRow + lane, d * d);
      add(memory, velocityRow + lane, v * v);
    }
    memory.set(ValueLayout.JAVA_DOUBLE, sums, SumKernel.sumOfLanes(scratch));
    memory.set(ValueLayout.JAVA_DOUBLE, sums + apart, SumKernel.sumOfLanes(directionRow));
    memory.set(ValueLayout.JAVA_DOUBLE, sums + 2 * apart, SumKernel.sumOfLanes(velocityRow));
  }

  private static void add(MemorySegment memory, long at, double x) {
    memory.set(ValueLayout.JAVA_DOUBLE, at, memory.get(ValueLayout.JAVA_DOUBLE, at) + x);
  }

  /** Leaves the lanes of the three sums at {@code scratch}, one behind the other. */
  private static void addRows(long directions, long velocities, int rows, long scratch) {
    final MemorySegment memory = Memory.EVERYWHERE;
    for (int lane = 0; lane < LANES; lane += 2 * WIDTH) {
      Vector<Double> products0 = DoubleVector.zero(SPECIES);
      Vector<Double> products1 = DoubleVector.zero(SPECIES);
      Vector<Double> directions0 = DoubleVector.zero(SPECIES);
      Vector<Double> directions1 = DoubleVector.zero(SPECIES);
      Vector<Double> velocities0 = DoubleVector.zero(SPECIES);
      Vector<Double> velocities1 = DoubleVector.zero(SPECIES);
      for (int row = 0; row < rows; row++) {
        final long at = (long) row * ROW_BYTES + (long) lane * Float.BYTES;
        final Vector<Double> d0 =
            FloatVector.fromMemorySegment(NARROW, memory, directions + at, ORDER).convertShape(EXACT, SPECIES, 0);
        final Vector<Double> d1 = FloatVector.fromMemorySegment(NARROW, memory, directions + at + VECTOR_BYTES, ORDER)
            .convertShape(EXACT, SPECIES, 0);
        final Vector<Double> v0 =
            FloatVector.fromMemorySegment(NARROW, memory, velocities + at, ORDER).convertShape(EXACT, SPECIES, 0);
        final Vector<Double> v1 = FloatVector.fromMemorySegment(NARROW, memory, velocities + at + VECTOR_BYTES, ORDER)
            .convertShape(EXACT, SPECIES, 0);
        // What is carried is the argument, whose class the compiler need not know (SumsVector.txt).
        products0 = d0.lanewise(VectorOperators.FMA, v0, products0);
        products1 = d1.lanewise(VectorOperators.FMA, v1, products1);
        directions0 = d0.lanewise(VectorOperators.FMA, d0, directions0);
        directions1 = d1.lanewise(VectorOperators.FMA, d1, directions1);
        velocities0 = v0.lanewise(VectorOperators.FMA, v0, velocities0);
        velocities1 = v1.lanewise(VectorOperators.FMA, v1, velocities1);
      }
      final long to = scratch + (long) lane * Double.BYTES;
      products0.intoMemorySegment(memory, to, ORDER);
      products1.intoMemorySegment(memory, to + SUM_BYTES, ORDER);
      directions0.intoMemorySegment(memory, to + LANES * Double.BYTES, ORDER);
      directions1.intoMemorySegment(memory, to + LANES * Double.BYTES + SUM_BYTES, ORDER);
      velocities0.intoMemorySegment(memory, to + 2 * LANES * Double.BYTES, ORDER);
      velocities1.intoMemorySegment(memory, to + 2 * LANES * Double.BYTES + SUM_BYTES, ORDER);
    }
  }
}
