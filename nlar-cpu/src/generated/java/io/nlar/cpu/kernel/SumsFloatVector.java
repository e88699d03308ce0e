// Made by build-kernels from src/kernels; change the template there.
package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorOperators.Conversion;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The sums of docs/numerics.md, "Order of the sum of squares", of float32, on vectors.
 *
 * <p>A block's rows are read in order, all 32 lanes of each into up to eight accumulators of doubles; where that takes
 * more (128 bits), in two columns one after the other. Eight leave registers for what is added, and no addition waits
 * for the one before.
 *
 * <p>What is read or converted is cast to the class that it has: else the compiler goes by the classes that it has seen in
 * the Vector API's own methods, and where the program works on vectors of one other shape, sums allocate.
 */
final class SumsFloatVector implements SumKernel {
  private static final Variant VARIANT = Kernels.variant(MethodHandles.lookup(), Variant.class);
  private static final VectorShape SHAPE = VectorShape.forBitSize(VARIANT.vectorBits());
  private static final VectorShape HALF = VectorShape.forBitSize(VARIANT.vectorBits() / 2);
  private static final VectorSpecies<Double> SPECIES = VectorSpecies.of(double.class, SHAPE);
  private static final VectorSpecies<Float> NARROW = VectorSpecies.of(float.class, HALF);
  private static final Conversion<Float, Double> EXACT = Conversion.ofCast(float.class, double.class);
  private static final Class<? extends DoubleVector> DOUBLES = DoubleVector.zero(SPECIES).getClass();
  private static final Class<? extends FloatVector> FLOATS = FloatVector.zero(NARROW).getClass();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final Class<? extends MemorySegment> MEMORY = VARIANT.memory();
  private static final boolean SQUARES = VARIANT.squares();

  private static final int WIDTH = SPECIES.length();
  private static final int VECTOR_BYTES = WIDTH * Float.BYTES;
  private static final boolean EIGHT = LANES / WIDTH >= 8;
  private static final int COLUMN_VECTORS = EIGHT ? 8 : 4;
  private static final int COLUMN_BYTES = COLUMN_VECTORS * VECTOR_BYTES;
  private static final int ROW_BYTES = LANES * Float.BYTES;
  private static final int SUM_BYTES = WIDTH * Double.BYTES;

  /**
   * How far ahead of the sums a byte of each cache line is read, so that the line is there when its turn comes. Opaque
   * reads, which the compiler leaves in their order: it otherwise takes the rows of an unrolled loop in an order that
   * the processor's prefetch does not recognise.
   */
  private static final int AHEAD = 2048;
  private static final int CACHE_LINE = 64;
  private static final int BLOCK_BYTES = BLOCK * Float.BYTES;
  /**
   * Blocks of which a line each is read ahead in turns, while as many are summed that stay in the cache: a processor fetches
   * several streams faster than one. Where a run is long enough not to lie in a cache, and with vectors of 512 bits, for
   * which alone it was measured.
   */
  private static final int STREAMS = 4;
  private static final long STREAMED_BYTES = VARIANT.vectorBits() == 512 ? 1 << 18 : Long.MAX_VALUE;
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

  /** Vectors so wide come with mask registers: what a mask leaves out is not read. */
  private static final boolean MASKS = VARIANT.vectorBits() == 512 && MEMORY == Memory.EVERYWHERE.getClass();
  /** Then no check of bounds is compiled where {@link Memory#start} says so; arrays have theirs in any case. */
  private static final boolean ADDRESSES = MEMORY == Memory.EVERYWHERE.getClass();

  SumsFloatVector() {}

  @Override
  public void run(MemorySegment elements, long offset, long count, long sums, long scratch) {
    final MemorySegment everywhere = Memory.EVERYWHERE;
    final long end = offset + count * Float.BYTES;
    long sum = sums;
    int touched = 0;
    for (long first = 0; first < count; first += BLOCK) {
      final int present = (int) Math.min(BLOCK, count - first);
      final int rows = present / LANES;
      final long block = offset + first * Float.BYTES;
      final long rest = block + (long) rows * ROW_BYTES;
      final int within = (int) (first / BLOCK) % STREAMS;
      final int next = (STREAMS - within) * BLOCK_BYTES;
      if (end - offset >= STREAMED_BYTES && block + next + STREAMS * BLOCK_BYTES <= end) {
        touched ^= addRows(elements, block, rows, next + within * (BLOCK_BYTES / STREAMS), true, scratch);
      } else {
        touched ^= addRows(elements, block, rows, rest + AHEAD <= end ? AHEAD : 0, false, scratch);
      }
      if (present % LANES != 0) {
        addRest(elements, rest, present % LANES, scratch);
      }
      foldLanes(scratch);
      everywhere.set(ValueLayout.JAVA_DOUBLE, sum, sumOfEight(everywhere, scratch));
      sum += Double.BYTES;
    }
    everywhere.set(ValueLayout.JAVA_INT, scratch, touched);
  }

  /**
   * Adds the rows of a block, and leaves the 32 lanes at {@code scratch}. A method of its own, compiled by itself: the
   * compiler loses sight of exact vector classes once it has inlined 8000 bytes of bytecode (DesiredMethodLimit). A
   * vector that is carried from row to row beyond that point stays an object, and every row allocates. For the same
   * reason what is carried is the argument of an addition, not its receiver: the receiver's class is always known.
   *
   * @param ahead bytes from the block to what is read ahead
   * @param streams whether that is several blocks in turns
   */
  private static int addRows(
      MemorySegment elements, long block, int rows, long ahead, boolean streams, long scratch) {
    final MemorySegment memory = Memory.as(MEMORY, elements);
    final MemorySegment everywhere = Memory.EVERYWHERE;
    int touched = 0;
    for (int lane = 0; lane < LANES; lane += COLUMN_VECTORS * WIDTH) {
      Vector<Double> a0 = DoubleVector.zero(SPECIES);
      Vector<Double> a1 = DoubleVector.zero(SPECIES);
      Vector<Double> a2 = DoubleVector.zero(SPECIES);
      Vector<Double> a3 = DoubleVector.zero(SPECIES);
      Vector<Double> a4 = DoubleVector.zero(SPECIES);
      Vector<Double> a5 = DoubleVector.zero(SPECIES);
      Vector<Double> a6 = DoubleVector.zero(SPECIES);
      Vector<Double> a7 = DoubleVector.zero(SPECIES);
      final long column = block + (long) lane * Float.BYTES;
      for (int row = 0; row < rows; row++) {
        final long offset = column + (long) row * ROW_BYTES;
        final long at = ADDRESSES ? Memory.start(offset) : offset;
        if (streams) {
          final long next = Memory.start(block + ahead + (row >> 1) * CACHE_LINE + (row & 1) * (2 * BLOCK_BYTES));
          touched ^= (byte) BYTE.getOpaque(memory, next);
          touched ^= (byte) BYTE.getOpaque(memory, next + BLOCK_BYTES);
        } else {
          final long next = ADDRESSES ? Memory.start(offset + ahead) : offset + ahead;
          touched ^= (byte) BYTE.getOpaque(memory, next);
          if (COLUMN_BYTES > CACHE_LINE) {
            touched ^= (byte) BYTE.getOpaque(memory, next + CACHE_LINE);
          }
          if (COLUMN_BYTES > 2 * CACHE_LINE) {
            touched ^= (byte) BYTE.getOpaque(memory, next + 2 * CACHE_LINE);
            touched ^= (byte) BYTE.getOpaque(memory, next + 3 * CACHE_LINE);
          }
        }
        final Vector<Double> x0 = DOUBLES.cast(FLOATS.cast(
            FloatVector.fromMemorySegment(NARROW, memory, at + 0 * VECTOR_BYTES, ORDER)).convertShape(EXACT, SPECIES, 0));
        final Vector<Double> x1 = DOUBLES.cast(FLOATS.cast(
            FloatVector.fromMemorySegment(NARROW, memory, at + 1 * VECTOR_BYTES, ORDER)).convertShape(EXACT, SPECIES, 0));
        final Vector<Double> x2 = DOUBLES.cast(FLOATS.cast(
            FloatVector.fromMemorySegment(NARROW, memory, at + 2 * VECTOR_BYTES, ORDER)).convertShape(EXACT, SPECIES, 0));
        final Vector<Double> x3 = DOUBLES.cast(FLOATS.cast(
            FloatVector.fromMemorySegment(NARROW, memory, at + 3 * VECTOR_BYTES, ORDER)).convertShape(EXACT, SPECIES, 0));
        a0 = SQUARES ? x0.lanewise(VectorOperators.FMA, x0, a0) : x0.add(a0);
        a1 = SQUARES ? x1.lanewise(VectorOperators.FMA, x1, a1) : x1.add(a1);
        a2 = SQUARES ? x2.lanewise(VectorOperators.FMA, x2, a2) : x2.add(a2);
        a3 = SQUARES ? x3.lanewise(VectorOperators.FMA, x3, a3) : x3.add(a3);
        if (EIGHT) {
          final Vector<Double> x4 = DOUBLES.cast(FLOATS.cast(
              FloatVector.fromMemorySegment(NARROW, memory, at + 4 * VECTOR_BYTES, ORDER)).convertShape(EXACT, SPECIES, 0));
          final Vector<Double> x5 = DOUBLES.cast(FLOATS.cast(
              FloatVector.fromMemorySegment(NARROW, memory, at + 5 * VECTOR_BYTES, ORDER)).convertShape(EXACT, SPECIES, 0));
          final Vector<Double> x6 = DOUBLES.cast(FLOATS.cast(
              FloatVector.fromMemorySegment(NARROW, memory, at + 6 * VECTOR_BYTES, ORDER)).convertShape(EXACT, SPECIES, 0));
          final Vector<Double> x7 = DOUBLES.cast(FLOATS.cast(
              FloatVector.fromMemorySegment(NARROW, memory, at + 7 * VECTOR_BYTES, ORDER)).convertShape(EXACT, SPECIES, 0));
          a4 = SQUARES ? x4.lanewise(VectorOperators.FMA, x4, a4) : x4.add(a4);
          a5 = SQUARES ? x5.lanewise(VectorOperators.FMA, x5, a5) : x5.add(a5);
          a6 = SQUARES ? x6.lanewise(VectorOperators.FMA, x6, a6) : x6.add(a6);
          a7 = SQUARES ? x7.lanewise(VectorOperators.FMA, x7, a7) : x7.add(a7);
        }
      }
      final long to = scratch + (long) lane * Double.BYTES;
      a0.intoMemorySegment(everywhere, to, ORDER);
      a1.intoMemorySegment(everywhere, to + SUM_BYTES, ORDER);
      a2.intoMemorySegment(everywhere, to + 2 * SUM_BYTES, ORDER);
      a3.intoMemorySegment(everywhere, to + 3 * SUM_BYTES, ORDER);
      if (EIGHT) {
        a4.intoMemorySegment(everywhere, to + 4 * SUM_BYTES, ORDER);
        a5.intoMemorySegment(everywhere, to + 5 * SUM_BYTES, ORDER);
        a6.intoMemorySegment(everywhere, to + 6 * SUM_BYTES, ORDER);
        a7.intoMemorySegment(everywhere, to + 7 * SUM_BYTES, ORDER);
      }
    }
    return touched;
  }

  /** Adds the {@code count} elements of a row that is not full to the first lanes at {@code scratch}. */
  private static void addRest(MemorySegment elements, long row, int count, long scratch) {
    final MemorySegment memory = Memory.as(MEMORY, elements);
    final MemorySegment everywhere = Memory.EVERYWHERE;
    final int whole = count - count % WIDTH;
    for (int lane = 0; lane < whole; lane += WIDTH) {
      final long offset = row + (long) lane * Float.BYTES;
      final long at = ADDRESSES ? Memory.start(offset) : offset;
      final long to = scratch + (long) lane * Double.BYTES;
      final Vector<Double> x = DOUBLES.cast(FLOATS.cast(
          FloatVector.fromMemorySegment(NARROW, memory, at, ORDER)).convertShape(EXACT, SPECIES, 0));
      final Vector<Double> sum = DOUBLES.cast(DoubleVector.fromMemorySegment(SPECIES, everywhere, to, ORDER));
      (SQUARES ? x.mul(x) : x).add(sum).intoMemorySegment(everywhere, to, ORDER);
    }
    if (MASKS && whole < count) {
      final long at = Memory.start(row + (long) whole * Float.BYTES);
      final long to = scratch + (long) whole * Double.BYTES;
      final Vector<Double> x = DOUBLES.cast(FLOATS.cast(
          FloatVector.fromMemorySegment(NARROW, memory, at, ORDER, NARROW.indexInRange(whole, count)))
          .convertShape(EXACT, SPECIES, 0));
      final Vector<Double> sum = DOUBLES.cast(DoubleVector.fromMemorySegment(SPECIES, everywhere, to, ORDER));
      (SQUARES ? x.mul(x) : x).add(sum).intoMemorySegment(everywhere, to, ORDER);
      return;
    }
    for (int lane = whole; lane < count; lane++) {
      final long offset = row + (long) lane * Float.BYTES;
      final double x = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, ADDRESSES ? Memory.start(offset) : offset);
      final long to = scratch + (long) lane * Double.BYTES;
      everywhere.set(ValueLayout.JAVA_DOUBLE, to, everywhere.get(ValueLayout.JAVA_DOUBLE, to) + (SQUARES ? x * x : x));
    }
  }

  /** Lanes l and l + 16, then l and l + 8: leaves 8 numbers at {@code scratch}. */
  private static void foldLanes(long scratch) {
    final MemorySegment everywhere = Memory.EVERYWHERE;
    for (int lane = 0; lane < LANES / 4; lane += WIDTH) {
      final long from = scratch + (long) lane * Double.BYTES;
      final Vector<Double> s0 = DOUBLES.cast(DoubleVector.fromMemorySegment(SPECIES, everywhere, from, ORDER));
      final Vector<Double> s8 = DOUBLES.cast(DoubleVector.fromMemorySegment(SPECIES, everywhere, from + 8 * Double.BYTES, ORDER));
      final Vector<Double> s16 = DOUBLES.cast(DoubleVector.fromMemorySegment(SPECIES, everywhere, from + 16 * Double.BYTES, ORDER));
      final Vector<Double> s24 = DOUBLES.cast(DoubleVector.fromMemorySegment(SPECIES, everywhere, from + 24 * Double.BYTES, ORDER));
      final Vector<Double> even = s0.add(s16);
      final Vector<Double> odd = s8.add(s24);
      final Vector<Double> both = even.add(odd);
      both.intoMemorySegment(everywhere, from, ORDER);
    }
  }

  /** Lanes l and l + 4, then l and l + 2, then l and l + 1. */
  private static double sumOfEight(MemorySegment memory, long lanes) {
    final double s04 = lane(memory, lanes, 0) + lane(memory, lanes, 4);
    final double s15 = lane(memory, lanes, 1) + lane(memory, lanes, 5);
    final double s26 = lane(memory, lanes, 2) + lane(memory, lanes, 6);
    final double s37 = lane(memory, lanes, 3) + lane(memory, lanes, 7);
    return (s04 + s26) + (s15 + s37);
  }

  private static double lane(MemorySegment memory, long lanes, int lane) {
    return memory.get(ValueLayout.JAVA_DOUBLE, lanes + (long) lane * Double.BYTES);
  }
}
