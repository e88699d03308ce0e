package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads float32 elements as doubles. */
final class FloatScalarElements {
  private FloatScalarElements() {}

  static LaneSpecies species(int bits) {
    return LaneSpecies.ONE;
  }

  static double load(LaneSpecies elements, LaneSpecies doubles, MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset);
  }
}
