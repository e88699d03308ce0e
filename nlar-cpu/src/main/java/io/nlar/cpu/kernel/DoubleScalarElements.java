package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads float64 elements. */
final class DoubleScalarElements {
  private DoubleScalarElements() {}

  static LaneSpecies species(int bits) {
    return LaneSpecies.ONE;
  }

  static double load(LaneSpecies elements, LaneSpecies doubles, MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, offset);
  }
}
