package io.nlar;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The element type of a buffer. Steps compute in {@link #arithmetic}; the 16-bit types are only kept in memory
 * ({@link Precision}).
 */
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
  },
  /** The upper half of a binary32: 8 bits of exponent, 7 of fraction. */
  BFLOAT16(2, ValueLayout.JAVA_SHORT_UNALIGNED, 0x1p-126, 0x1.FEp127) {
    @Override
    public double round(double value) {
      return rounded(value, -126, 7, largest());
    }

    @Override
    public double get(MemorySegment elements, long index) {
      return Float.intBitsToFloat(bits(elements, index) << Short.SIZE);
    }

    @Override
    public void set(MemorySegment elements, long index, double value) {
      setBits(elements, index, Float.floatToIntBits((float) round(value)) >>> Short.SIZE);
    }
  },
  /** IEEE 754 binary16. */
  FLOAT16(2, ValueLayout.JAVA_SHORT_UNALIGNED, 0x1p-14, 65504) {
    @Override
    public double round(double value) {
      return rounded(value, -14, 10, largest());
    }

    @Override
    public double get(MemorySegment elements, long index) {
      return Float.float16ToFloat((short) bits(elements, index));
    }

    @Override
    public void set(MemorySegment elements, long index, double value) {
      setBits(elements, index, Float.floatToFloat16((float) round(value)));
    }
  },
  /** Whole numbers from 0 to 65535: the slot {@link Slot#REMAINDER}. No type of values or gradients. */
  UINT16(2, ValueLayout.JAVA_SHORT_UNALIGNED, 1, 0xFFFF) {
    @Override
    public double round(double value) {
      return Math.rint(Math.clamp(value, 0, largest()));
    }

    @Override
    public double get(MemorySegment elements, long index) {
      return bits(elements, index);
    }

    @Override
    public void set(MemorySegment elements, long index, double value) {
      setBits(elements, index, (int) round(value));
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

  /** The type in which a step computes with elements of this one: binary32 for all that are narrower. */
  public DType arithmetic() {
    return switch (this) {
      case FLOAT64 -> FLOAT64;
      case FLOAT32, BFLOAT16, FLOAT16, UINT16 -> FLOAT32;
    };
  }

  /** The types in which steps compute. */
  public static List<DType> arithmetics() {
    return List.of(FLOAT32, FLOAT64);
  }

  /** {@code value} rounded once to this type, to nearest even. */
  public abstract double round(double value);

  /** Element {@code index} of a segment of this type. */
  public abstract double get(MemorySegment elements, long index);

  /** Sets element {@code index} of a segment of this type to {@code value}, rounded. */
  public abstract void set(MemorySegment elements, long index, double value);

  private static int bits(MemorySegment elements, long index) {
    return Short.toUnsignedInt(elements.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES));
  }

  private static void setBits(MemorySegment elements, long index, int bits) {
    elements.set(ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES, (short) bits);
  }

  /** Rounds to {@code fraction} bits behind the first one, and to no finer steps than those at 2^smallestExponent. */
  private static double rounded(double value, int smallestExponent, int fraction, double largest) {
    if (value == 0 || !Double.isFinite(value)) {
      return value;
    }
    int step = Math.max(Math.getExponent(value), smallestExponent) - fraction;
    double rounded = Math.scalb(Math.rint(Math.scalb(value, -step)), step);
    return Math.abs(rounded) > largest ? Math.copySign(Double.POSITIVE_INFINITY, value) : rounded;
  }
}
