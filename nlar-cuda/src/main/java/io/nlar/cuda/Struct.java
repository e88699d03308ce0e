package io.nlar.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A record that host and kernels share (kernels/layout.cuh): its fields in order, each where C puts it, in the byte order
 * of the host, which is the device's. The host writes through the fields; a test compares every offset with the header's.
 */
final class Struct {
  /** A field: its name in the header, where it begins, its size, and how many of them follow each other. */
  record Field(String name, long offset, int bytes, int count) {
    void setInt(MemorySegment table, long record, int value) {
      table.set(ValueLayout.JAVA_INT_UNALIGNED, record + offset, value);
    }

    void setLong(MemorySegment table, long record, long value) {
      setLong(table, record, 0, value);
    }

    void setLong(MemorySegment table, long record, int index, long value) {
      table.set(ValueLayout.JAVA_LONG_UNALIGNED, record + at(index), value);
    }

    void setDouble(MemorySegment table, long record, double value) {
      setDouble(table, record, 0, value);
    }

    void setDouble(MemorySegment table, long record, int index, double value) {
      table.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, record + at(index), value);
    }

    private long at(int index) {
      return offset + (long) Objects.checkIndex(index, count) * bytes;
    }
  }

  private final String name;
  private final List<Field> fields = new ArrayList<>();
  private long end;

  /** A record without fields yet, named as in the header. */
  Struct(String name) {
    this.name = name;
  }

  /** The next field: 32 bits. */
  Field word(String field) {
    return add(field, Integer.BYTES, 1);
  }

  /** The next field: 64 bits, a number or an address. */
  Field wide(String field) {
    return wide(field, 1);
  }

  /** The next field: an array of {@code count} times 64 bits. */
  Field wide(String field, int count) {
    return add(field, Long.BYTES, count);
  }

  private Field add(String field, int bytes, int count) {
    Field added = new Field(field, aligned(end, bytes), bytes, count);
    fields.add(added);
    end = added.offset + (long) bytes * count;
    return added;
  }

  private static long aligned(long offset, int bytes) {
    return Math.ceilDiv(offset, bytes) * bytes;
  }

  String name() {
    return name;
  }

  List<Field> fields() {
    return fields;
  }

  /** Bytes of a record in a table. */
  int bytes() {
    int widest = fields.stream().mapToInt(Field::bytes).max().orElse(1);
    return Math.toIntExact(aligned(end, widest));
  }
}
