package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code VectorDoubles} for one lane. */
final class ScalarDoubles {
  private ScalarDoubles() {}

  static LaneSpecies species(int bits) {
    return LaneSpecies.ONE;
  }

  static double zero(LaneSpecies species) {
    return 0;
  }

  static double add(double a, double b) {
    return a + b;
  }

  static double square(double x) {
    return x * x;
  }

  static double load(LaneSpecies species, MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, offset);
  }

  static void store(double x, MemorySegment memory, long offset) {
    memory.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, offset, x);
  }
}
