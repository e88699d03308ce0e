package io.nlar.cpu.kernel;

import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Vectors of a given width. */
final class FloatVectorSpecies {
  private FloatVectorSpecies() {}

  static VectorSpecies<Float> ofBits(int bits) {
    return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
  }

  static VectorSpecies<Float> ofLanes(int lanes) {
    return ofBits(lanes * Float.SIZE);
  }
}
