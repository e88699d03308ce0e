package io.nlar.cuda.interpreter;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Reads and writes numbers of 1, 2, 4 or 8 bytes, as a GPU lays them out. */
final class Memory {
  /** All native memory of the process. */
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Memory() {}

  /** The bits of a number, with zeros above them. */
  static long get(MemorySegment memory, long at, int bytes) {
    return switch (bytes) {
      case 1 -> memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
      case 2 -> memory.get(SHORT, at) & 0xffff;
      case 4 -> memory.get(INT, at) & 0xffffffffL;
      default -> memory.get(LONG, at);
    };
  }

  static void set(MemorySegment memory, long at, int bytes, long bits) {
    switch (bytes) {
      case 1 -> memory.set(ValueLayout.JAVA_BYTE, at, (byte) bits);
      case 2 -> memory.set(SHORT, at, (short) bits);
      case 4 -> memory.set(INT, at, (int) bits);
      default -> memory.set(LONG, at, bits);
    }
  }
}
