package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** Reads float64 elements. */
final class DoubleVectorElements {
  private DoubleVectorElements() {}

  static VectorSpecies<Double> species(int bits) {
    return VectorDoubles.species(bits);
  }

  static DoubleVector load(
      VectorSpecies<Double> elements, VectorSpecies<Double> doubles, MemorySegment memory, long offset) {
    return VectorDoubles.load(doubles, memory, offset);
  }
}
