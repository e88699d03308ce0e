package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The operations of the sum kernels on vectors of doubles. */
final class VectorDoubles {
  private VectorDoubles() {}

  static VectorSpecies<Double> species(int bits) {
    return VectorSpecies.of(double.class, VectorShape.forBitSize(bits));
  }

  static DoubleVector zero(VectorSpecies<Double> species) {
    return DoubleVector.zero(species);
  }

  static DoubleVector add(DoubleVector a, DoubleVector b) {
    return a.add(b);
  }

  static DoubleVector square(DoubleVector x) {
    return x.mul(x);
  }

  static DoubleVector load(VectorSpecies<Double> species, MemorySegment memory, long offset) {
    return DoubleVector.fromMemorySegment(species, memory, offset, ByteOrder.nativeOrder());
  }

  static void store(DoubleVector x, MemorySegment memory, long offset) {
    x.intoMemorySegment(memory, offset, ByteOrder.nativeOrder());
  }
}
