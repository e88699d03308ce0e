package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Reads float32 elements as vectors of doubles. */
final class FloatVectorElements {
  private FloatVectorElements() {}

  /** Vectors of as many floats as vectors of {@code bits} have doubles. */
  static VectorSpecies<Float> species(int bits) {
    return VectorSpecies.of(float.class, VectorShape.forBitSize(bits / 2));
  }

  static DoubleVector load(
      VectorSpecies<Float> elements, VectorSpecies<Double> doubles, MemorySegment memory, long offset) {
    return (DoubleVector) FloatVector.fromMemorySegment(elements, memory, offset, ByteOrder.nativeOrder())
        .convertShape(VectorOperators.F2D, doubles, 0);
  }
}
