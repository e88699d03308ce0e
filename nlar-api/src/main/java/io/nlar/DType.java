package io.nlar;

import java.lang.foreign.ValueLayout;

/** The element type of a buffer; a parameter's value, gradient and state all share one. */
public enum DType {
  /** IEEE 754 binary32. */
  FLOAT32(4, ValueLayout.JAVA_FLOAT_UNALIGNED),
  /** IEEE 754 binary64. */
  FLOAT64(8, ValueLayout.JAVA_DOUBLE_UNALIGNED);

  private final int bytes;
  private final ValueLayout layout;

  DType(int bytes, ValueLayout layout) {
    this.bytes = bytes;
    this.layout = layout;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** The memory layout of one element, in native byte order, without alignment demands. */
  public ValueLayout layout() {
    return layout;
  }

  /** {@code value} rounded once to this type, to nearest even. */
  public double round(double value) {
    return this == FLOAT32 ? (float) value : value;
  }
}
