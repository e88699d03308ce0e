package io.nlar.cuda;

import io.nlar.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes the fields of the tables that kernels read, in the byte order of the host, which is the device's. */
final class Table {
  private Table() {}

  static void setInt(MemorySegment table, long offset, int value) {
    table.set(ValueLayout.JAVA_INT_UNALIGNED, offset, value);
  }

  static void setLong(MemorySegment table, long offset, long value) {
    table.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
  }

  static void setDouble(MemorySegment table, long offset, double value) {
    table.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, offset, value);
  }

  /** Writes a number of an element type. */
  static void setReal(MemorySegment table, DType type, long offset, double value) {
    if (type == DType.FLOAT32) {
      table.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset, (float) value);
    } else {
      setDouble(table, offset, value);
    }
  }

  /** {@code offset} rounded up to the alignment of device memory. */
  static long aligned(long offset) {
    return (offset + 255) & -256;
  }
}
