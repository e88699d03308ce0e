package io.nlar.cpu.kernel;

/** A mask of one lane, with the methods of {@code VectorMask} that kernels use. */
record LaneMask(boolean set) {

  LaneMask and(LaneMask other) {
    return new LaneMask(set & other.set);
  }

  LaneMask or(LaneMask other) {
    return new LaneMask(set | other.set);
  }

  LaneMask andNot(LaneMask other) {
    return new LaneMask(set && !other.set);
  }

  boolean anyTrue() {
    return set;
  }
}
