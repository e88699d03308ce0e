package io.nlar;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The element type of a buffer; a parameter's value, gradient and state all share one. */
public enum DType {
  /** IEEE 754 binary32. */
  FLOAT32(4, ValueLayout.JAVA_FLOAT_UNALIGNED, Float.MIN_NORMAL, Float.MAX_VALUE) {
    @Override
    public double round(double value) {
      return (float) value;
    }

    @Override
    public double get(MemorySegment elements, long index) {
      return elements.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
    }

    @Override
    public void set(MemorySegment elements, long index, double value) {
      elements.set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES, (float) value);
    }
  },
  /** IEEE 754 binary64. */
  FLOAT64(8, ValueLayout.JAVA_DOUBLE_UNALIGNED, Double.MIN_NORMAL, Double.MAX_VALUE) {
    @Override
    public double round(double value) {
      return value;
    }

    @Override
    public double get(MemorySegment elements, long index) {
      return elements.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES);
    }

    @Override
    public void set(MemorySegment elements, long index, double value) {
      elements.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES, value);
    }
  };

  private final int bytes;
  private final ValueLayout layout;
  private final double smallestNormal;
  private final double largest;

  DType(int bytes, ValueLayout layout, double smallestNormal, double largest) {
    this.bytes = bytes;
    this.layout = layout;
    this.smallestNormal = smallestNormal;
    this.largest = largest;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** The memory layout of one element, in native byte order, without alignment demands. */
  public ValueLayout layout() {
    return layout;
  }

  /** The smallest positive normal number. */
  public double smallestNormal() {
    return smallestNormal;
  }

  /** The largest finite number. */
  public double largest() {
    return largest;
  }

  /** {@code value} rounded once to this type, to nearest even. */
  public abstract double round(double value);

  /** Element {@code index} of a segment of this type. */
  public abstract double get(MemorySegment elements, long index);

  /** Sets element {@code index} of a segment of this type to {@code value}, rounded. */
  public abstract void set(MemorySegment elements, long index, double value);
}
