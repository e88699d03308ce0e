package io.nlar.bench.cpu;

import java.util.Optional;

/** The shapes in which the passes without arithmetic are raced: the fastest tells what the memory allows. */
enum PassShape {
  /** {@link VectorPasses#PLAIN}. */
  VECTORS("vectors") {
    @Override
    PassKernel kernel() {
      return VectorPasses.PLAIN;
    }
  },
  /** {@link VectorPasses#AHEAD}. */
  VECTORS_AHEAD("read-ahead") {
    @Override
    PassKernel kernel() {
      return VectorPasses.AHEAD;
    }
  },
  /** {@link VectorPasses#STREAMS}. */
  VECTOR_STREAMS("four streams") {
    @Override
    PassKernel kernel() {
      return VectorPasses.STREAMS;
    }
  },
  /** {@link CompiledPasses}. */
  C("C") {
    @Override
    Optional<String> problem() {
      return CompiledPasses.SOURCE.problem();
    }

    @Override
    PassKernel kernel() {
      return new CompiledPasses();
    }
  };

  private final String label;

  PassShape(String label) {
    this.label = label;
  }

  /** What tells it from the other shapes in tables. */
  String label() {
    return label;
  }

  /** Why it cannot be used; looked up without loading a class of the Vector API. */
  Optional<String> problem() {
    return JvmVectors.problem();
  }

  /** The code. */
  abstract PassKernel kernel();
}
