package io.nlar.cpu.kernel;

import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Vectors of a given width. */
final class Species {
  private Species() {}

  static <E> VectorSpecies<E> of(Class<E> element, int bits) {
    return VectorSpecies.of(element, VectorShape.forBitSize(bits));
  }
}
