package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A vector of one lane, with the methods of {@code FloatVector} that kernels use, for machines and JVMs without vectors.
 * Every result is a new object, also where an operand could be returned, so that escape analysis removes all of them.
 */
record LaneFloat(float x) {

  static LaneFloat broadcast(LaneSpecies species, float x) {
    return new LaneFloat(x);
  }

  static LaneFloat fromMemorySegment(LaneSpecies species, MemorySegment memory, long offset, ByteOrder order) {
    return new LaneFloat(memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset));
  }

  void intoMemorySegment(MemorySegment memory, long offset, ByteOrder order) {
    memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset, x);
  }

  LaneFloat add(LaneFloat y) {
    return new LaneFloat(x + y.x);
  }

  LaneFloat sub(LaneFloat y) {
    return new LaneFloat(x - y.x);
  }

  LaneFloat mul(LaneFloat y) {
    return new LaneFloat(x * y.x);
  }

  LaneFloat div(LaneFloat y) {
    return new LaneFloat(x / y.x);
  }

  LaneFloat abs() {
    return new LaneFloat(Math.abs(x));
  }

  LaneMask lt(LaneFloat y) {
    return new LaneMask(x < y.x);
  }

  LaneMask eq(LaneFloat y) {
    return new LaneMask(x == y.x);
  }

  LaneFloat blend(LaneFloat y, LaneMask mask) {
    return new LaneFloat(mask.set() ? y.x : x);
  }
}
