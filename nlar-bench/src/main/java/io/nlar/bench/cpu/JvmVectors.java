package io.nlar.bench.cpu;

import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/** The vectors that this JVM compiles; looked up without loading a class of the Vector API where it is not there. */
public final class JvmVectors {
  private JvmVectors() {}

  /** Their width, where the Vector API is there. */
  public static Optional<Integer> bits() {
    return problem().isEmpty() ? Optional.of(FloatVector.SPECIES_PREFERRED.vectorBitSize()) : Optional.empty();
  }

  /** Why nothing that is written with the Vector API can be used. */
  static Optional<String> problem() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        ? Optional.empty()
        : Optional.of("it is written with the Vector API; start Java with --add-modules jdk.incubator.vector");
  }
}
