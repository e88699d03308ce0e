package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The sums of docs/numerics.md, "Order of the sum of squares", on vectors. The source of all four sum kernels.
 *
 * <p>A block's 32 lanes are taken in columns of four vectors of doubles, each from the first row to the last, so that
 * few accumulators serve every vector width and yet no addition waits for the one before. Absent elements count as +0,
 * which changes no sum: sums start at +0 and are never −0.
 */
final class FloatVectorSums implements SumKernel {
  private static final SumVariant VARIANT = Kernels.variant(MethodHandles.lookup(), SumVariant.class);
  private static final VectorSpecies<Double> SPECIES = VectorDoubles.species(VARIANT.vectorBits());
  private static final VectorSpecies<Float> NARROW = FloatVectorElements.species(VARIANT.vectorBits());
  private static final Storage STORAGE = VARIANT.storage();
  private static final boolean SQUARES = VARIANT.squares();

  private static final int WIDTH = SPECIES.length();
  private static final int COLUMN = 4 * WIDTH;
  private static final int VECTOR_BYTES = WIDTH * Float.BYTES;
  private static final int ROW_BYTES = LANES * Float.BYTES;

  FloatVectorSums() {}

  @Override
  public void run(Object base, long offset, long count, long sums, long scratch) {
    final MemorySegment memory = STORAGE.memory(base);
    final MemorySegment everywhere = Storage.NATIVE.memory(null);
    final long lastRow = scratch + LANES * Double.BYTES;
    for (long first = 0; first < count; first += BLOCK) {
      final int size = (int) Math.min(BLOCK, count - first);
      final int rows = size / LANES;
      final int rest = size % LANES;
      final long block = offset + first * Float.BYTES;
      if (rest > 0) {
        everywhere.asSlice(lastRow, ROW_BYTES).fill((byte) 0);
        MemorySegment.copy(
            memory, block + (long) rows * ROW_BYTES, everywhere, lastRow, (long) rest * Float.BYTES);
      }
      for (int lane = 0; lane < LANES; lane += COLUMN) {
        DoubleVector a0 = VectorDoubles.zero(SPECIES);
        DoubleVector a1 = a0;
        DoubleVector a2 = a0;
        DoubleVector a3 = a0;
        long at = block + (long) lane * Float.BYTES;
        for (int row = 0; row < rows; row++) {
          a0 = add(a0, FloatVectorElements.load(NARROW, SPECIES, memory, at));
          a1 = add(a1, FloatVectorElements.load(NARROW, SPECIES, memory, at + VECTOR_BYTES));
          a2 = add(a2, FloatVectorElements.load(NARROW, SPECIES, memory, at + 2 * VECTOR_BYTES));
          a3 = add(a3, FloatVectorElements.load(NARROW, SPECIES, memory, at + 3 * VECTOR_BYTES));
          at += ROW_BYTES;
        }
        if (rest > 0) {
          final long last = lastRow + (long) lane * Float.BYTES;
          a0 = add(a0, FloatVectorElements.load(NARROW, SPECIES, everywhere, last));
          a1 = add(a1, FloatVectorElements.load(NARROW, SPECIES, everywhere, last + VECTOR_BYTES));
          a2 = add(a2, FloatVectorElements.load(NARROW, SPECIES, everywhere, last + 2 * VECTOR_BYTES));
          a3 = add(a3, FloatVectorElements.load(NARROW, SPECIES, everywhere, last + 3 * VECTOR_BYTES));
        }
        final long out = scratch + (long) lane * Double.BYTES;
        VectorDoubles.store(a0, everywhere, out);
        VectorDoubles.store(a1, everywhere, out + WIDTH * Double.BYTES);
        VectorDoubles.store(a2, everywhere, out + 2 * WIDTH * Double.BYTES);
        VectorDoubles.store(a3, everywhere, out + 3 * WIDTH * Double.BYTES);
      }
      everywhere.set(ValueLayout.JAVA_DOUBLE, sums + first / BLOCK * Double.BYTES, fold(everywhere, scratch));
    }
  }

  private static DoubleVector add(DoubleVector sum, DoubleVector x) {
    return VectorDoubles.add(sum, SQUARES ? VectorDoubles.square(x) : x);
  }

  /** Adds lanes l and l + 16, then l and l + 8, + 4, + 2, + 1: the first two levels in vectors. */
  private static double fold(MemorySegment memory, long lanes) {
    for (int lane = 0; lane < LANES / 4; lane += WIDTH) {
      final long at = lanes + (long) lane * Double.BYTES;
      VectorDoubles.store(
          VectorDoubles.add(
              VectorDoubles.add(
                  VectorDoubles.load(SPECIES, memory, at), VectorDoubles.load(SPECIES, memory, at + 16 * Double.BYTES)),
              VectorDoubles.add(
                  VectorDoubles.load(SPECIES, memory, at + 8 * Double.BYTES),
                  VectorDoubles.load(SPECIES, memory, at + 24 * Double.BYTES))),
          memory, at);
    }
    final double even = (lane(memory, lanes, 0) + lane(memory, lanes, 4)) + (lane(memory, lanes, 2) + lane(memory, lanes, 6));
    final double odd = (lane(memory, lanes, 1) + lane(memory, lanes, 5)) + (lane(memory, lanes, 3) + lane(memory, lanes, 7));
    return even + odd;
  }

  private static double lane(MemorySegment memory, long lanes, int lane) {
    return memory.get(ValueLayout.JAVA_DOUBLE, lanes + (long) lane * Double.BYTES);
  }
}
