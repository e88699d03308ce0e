package io.nlar.bench.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Operations on whole float32 arrays as a library offers them, one pass each, on vectors. Arrays are given by their
 * native addresses; {@code bytes} is a multiple of {@link PassKernel#UNIT_BYTES}; z is written.
 */
final class ArrayOperations {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> WIDE = DoubleVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final int STEP = SPECIES.vectorByteSize();

  private ArrayOperations() {}

  private static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(SPECIES, MEMORY, address, ORDER);
  }

  private static void store(FloatVector vector, long address) {
    vector.intoMemorySegment(MEMORY, address, ORDER);
  }

  /** Σ x², in float64. */
  static double sumOfSquares(long x, long bytes) {
    DoubleVector a = DoubleVector.zero(WIDE);
    DoubleVector b = a;
    for (int at = 0; at < bytes; at += STEP) {
      FloatVector elements = load(x + at);
      DoubleVector low = (DoubleVector) elements.convertShape(VectorOperators.F2D, WIDE, 0);
      DoubleVector high = (DoubleVector) elements.convertShape(VectorOperators.F2D, WIDE, 1);
      a = low.fma(low, a);
      b = high.fma(high, b);
    }
    return a.add(b).reduceLanes(VectorOperators.ADD);
  }

  /** z = a·x */
  static void scale(float a, long x, long z, long bytes) {
    for (int at = 0; at < bytes; at += STEP) {
      store(load(x + at).mul(a), z + at);
    }
  }

  /** z = a + x */
  static void shift(float a, long x, long z, long bytes) {
    for (int at = 0; at < bytes; at += STEP) {
      store(load(x + at).add(a), z + at);
    }
  }

  /** z = |x| */
  static void abs(long x, long z, long bytes) {
    for (int at = 0; at < bytes; at += STEP) {
      store(load(x + at).abs(), z + at);
    }
  }

  /** z = x + y */
  static void add(long x, long y, long z, long bytes) {
    for (int at = 0; at < bytes; at += STEP) {
      store(load(x + at).add(load(y + at)), z + at);
    }
  }

  /** z = x − y */
  static void subtract(long x, long y, long z, long bytes) {
    for (int at = 0; at < bytes; at += STEP) {
      store(load(x + at).sub(load(y + at)), z + at);
    }
  }

  /** z = x·y */
  static void multiply(long x, long y, long z, long bytes) {
    for (int at = 0; at < bytes; at += STEP) {
      store(load(x + at).mul(load(y + at)), z + at);
    }
  }

  /** z = x / y */
  static void divide(long x, long y, long z, long bytes) {
    for (int at = 0; at < bytes; at += STEP) {
      store(load(x + at).div(load(y + at)), z + at);
    }
  }

  /** z = a / x */
  static void reciprocal(float a, long x, long z, long bytes) {
    for (int at = 0; at < bytes; at += STEP) {
      store(FloatVector.broadcast(SPECIES, a).div(load(x + at)), z + at);
    }
  }
}
