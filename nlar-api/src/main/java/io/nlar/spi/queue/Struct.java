package io.nlar.spi.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A record that host and kernels share: its fields in order, each where C puts it, in the byte order of the host, which
 * is the device's. The host writes through the fields.
 */
public final class Struct {

  /** What a field holds. */
  public enum Kind {
    /** 32 bits. */
    WORD(Integer.BYTES),
    /** 64 bits: a number or an address. */
    WIDE(Long.BYTES),
    /** binary64. */
    REAL(Double.BYTES);

    private final int bytes;

    Kind(int bytes) {
      this.bytes = bytes;
    }

    /** Size of one. */
    public int bytes() {
      return bytes;
    }
  }

  /**
   * A field.
   *
   * @param name its name in the kernels
   * @param kind what it holds
   * @param offset where it begins, in bytes
   * @param count how many follow each other
   */
  public record Field(String name, Kind kind, long offset, int count) {

    /** Writes 32 bits into the record that begins at byte {@code record}. */
    public void setInt(MemorySegment table, long record, int value) {
      table.set(ValueLayout.JAVA_INT_UNALIGNED, record + offset, value);
    }

    /** Writes 64 bits. */
    public void setLong(MemorySegment table, long record, long value) {
      setLong(table, record, 0, value);
    }

    /** Writes the element {@code index}. */
    public void setLong(MemorySegment table, long record, int index, long value) {
      table.set(ValueLayout.JAVA_LONG_UNALIGNED, record + at(index), value);
    }

    /** Reads 64 bits. */
    public long getLong(MemorySegment table, long record) {
      return table.get(ValueLayout.JAVA_LONG_UNALIGNED, record + offset);
    }

    /** Writes a number. */
    public void setDouble(MemorySegment table, long record, double value) {
      setDouble(table, record, 0, value);
    }

    /** Writes the element {@code index}. */
    public void setDouble(MemorySegment table, long record, int index, double value) {
      table.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, record + at(index), value);
    }

    private long at(int index) {
      return offset + (long) Objects.checkIndex(index, count) * kind.bytes;
    }
  }

  private final String name;
  private final List<Field> fields = new ArrayList<>();
  private long end;

  /** A record without fields yet, named as in the kernels. */
  public Struct(String name) {
    this.name = name;
  }

  /** The next field: 32 bits. */
  public Field word(String field) {
    return add(field, Kind.WORD, 1);
  }

  /** The next field: 64 bits, a number or an address. */
  public Field wide(String field) {
    return wide(field, 1);
  }

  /** The next field: an array of {@code count} times 64 bits. */
  public Field wide(String field, int count) {
    return add(field, Kind.WIDE, count);
  }

  /** The next field: a binary64 number. */
  public Field real(String field) {
    return real(field, 1);
  }

  /** The next field: an array of {@code count} binary64 numbers. */
  public Field real(String field, int count) {
    return add(field, Kind.REAL, count);
  }

  private Field add(String field, Kind kind, int count) {
    Field added = new Field(field, kind, aligned(end, kind.bytes), count);
    fields.add(added);
    end = added.offset + (long) kind.bytes * count;
    return added;
  }

  private static long aligned(long offset, int bytes) {
    return Math.ceilDiv(offset, bytes) * bytes;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Its fields in order. */
  public List<Field> fields() {
    return List.copyOf(fields);
  }

  /** Bytes of a record in a table. */
  public int bytes() {
    int widest = fields.stream().mapToInt(field -> field.kind.bytes).max().orElse(1);
    return Math.toIntExact(aligned(end, widest));
  }
}
