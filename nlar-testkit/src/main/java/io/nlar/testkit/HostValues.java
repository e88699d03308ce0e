package io.nlar.testkit;

import io.nlar.Buffer;
import io.nlar.DType;
import java.lang.foreign.MemorySegment;

/** Moves numbers of an element type between device buffers, host memory and arrays of {@code double}. */
public final class HostValues {
  private HostValues() {}

  /** A copy of {@code values} in a Java array of {@code type}, as a segment. */
  public static MemorySegment segment(DType type, double... values) {
    MemorySegment segment = switch (type) {
      case FLOAT32 -> MemorySegment.ofArray(new float[values.length]);
      case FLOAT64 -> MemorySegment.ofArray(new double[values.length]);
      case BFLOAT16, FLOAT16, UINT16 -> MemorySegment.ofArray(new short[values.length]);
    };
    write(segment, type, values);
    return segment;
  }

  /** Writes {@code values}, rounded to {@code type}, from the start of {@code segment}. */
  public static void write(MemorySegment segment, DType type, double... values) {
    for (int i = 0; i < values.length; i++) {
      type.set(segment, i, values[i]);
    }
  }

  /** All elements of {@code segment}. */
  public static double[] read(MemorySegment segment, DType type) {
    double[] values = new double[Math.toIntExact(segment.byteSize() / type.bytes())];
    for (int i = 0; i < values.length; i++) {
      values[i] = type.get(segment, i);
    }
    return values;
  }

  /** Copies {@code values}, rounded to the buffer's type, to the device. */
  public static void write(Buffer buffer, double... values) {
    buffer.copyFrom(segment(buffer.type(), values));
  }

  /** Copies all elements from the device. */
  public static double[] read(Buffer buffer) {
    MemorySegment segment = segment(buffer.type(), new double[Math.toIntExact(buffer.length())]);
    buffer.copyTo(segment);
    return read(segment, buffer.type());
  }
}
