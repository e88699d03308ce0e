package io.nlar.cpu.kernel;

/** The species of vectors of one lane. */
enum LaneSpecies {
  ONE;

  static LaneSpecies ofBits(int bits) {
    return ONE;
  }

  static LaneSpecies ofLanes(int lanes) {
    return ONE;
  }

  int length() {
    return 1;
  }
}
