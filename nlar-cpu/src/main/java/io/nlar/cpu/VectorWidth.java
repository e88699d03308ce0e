package io.nlar.cpu;

import jdk.incubator.vector.VectorShape;

/** Touches the Vector API: only loaded where its module is present. */
final class VectorWidth {
  private VectorWidth() {}

  /** The width of vectors that the JVM compiles best; 64 where it compiles none. */
  static int preferredBits() {
    return VectorShape.preferredShape().vectorBitSize();
  }
}
