package io.nlar.cuda.interpreter;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads and writes numbers of 1, 2, 4 or 8 bytes, as a GPU lays them out: in the device's memory, or in an array. */
final class Memory {
  /** All native memory of the process. */
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Memory() {}

  /**
   * The bits of a number, with zeros above them.
   *
   * @param array where it is; null for the device's memory
   * @param at index or address
   */
  static long get(byte[] array, long at, int bytes) {
    if (array == null) {
      return switch (bytes) {
        case 1 -> ALL.get(ValueLayout.JAVA_BYTE, at) & 0xff;
        case 2 -> ALL.get(SHORT, at) & 0xffff;
        case 4 -> ALL.get(INT, at) & 0xffffffffL;
        default -> ALL.get(LONG, at);
      };
    }
    int i = (int) at;
    return switch (bytes) {
      case 1 -> array[i] & 0xff;
      case 2 -> (short) SHORTS.get(array, i) & 0xffff;
      case 4 -> (int) INTS.get(array, i) & 0xffffffffL;
      default -> (long) LONGS.get(array, i);
    };
  }

  /** Writes the low bits of a number; see {@link #get}. */
  static void set(byte[] array, long at, int bytes, long bits) {
    if (array == null) {
      switch (bytes) {
        case 1 -> ALL.set(ValueLayout.JAVA_BYTE, at, (byte) bits);
        case 2 -> ALL.set(SHORT, at, (short) bits);
        case 4 -> ALL.set(INT, at, (int) bits);
        default -> ALL.set(LONG, at, bits);
      }
      return;
    }
    int i = (int) at;
    switch (bytes) {
      case 1 -> array[i] = (byte) bits;
      case 2 -> SHORTS.set(array, i, (short) bits);
      case 4 -> INTS.set(array, i, (int) bits);
      default -> LONGS.set(array, i, bits);
    }
  }
}
