package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Where a run of elements lies: in native memory, or in a Java array of some type.
 *
 * <p>A kernel that has met both kinds through one call site is several times slower from then on, so a kernel is
 * specialised to one kind each for values and gradients.
 */
public enum Storage {
  NATIVE,
  BYTES,
  SHORTS,
  CHARS,
  INTS,
  LONGS,
  FLOATS,
  DOUBLES;

  /**
   * All of native memory: an offset in it is an address. A constant, so that compiled code holds neither bounds nor
   * liveness checks; whoever passes addresses to kernels has made sure of both.
   */
  static final MemorySegment EVERYWHERE = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** The kind of a heap segment's {@link MemorySegment#heapBase() base}; null stands for native memory. */
  public static Storage of(Object base) {
    return switch (base) {
      case null -> NATIVE;
      case byte[] array -> BYTES;
      case short[] array -> SHORTS;
      case char[] array -> CHARS;
      case int[] array -> INTS;
      case long[] array -> LONGS;
      case float[] array -> FLOATS;
      case double[] array -> DOUBLES;
      default -> throw new IllegalArgumentException("no memory: " + base.getClass());
    };
  }

  /** A segment over all of {@code base}, of a class that the compiler knows exactly where {@code this} is a constant. */
  MemorySegment memory(Object base) {
    if (this == NATIVE) {
      return EVERYWHERE;
    } else if (this == FLOATS) {
      return MemorySegment.ofArray((float[]) base);
    } else if (this == DOUBLES) {
      return MemorySegment.ofArray((double[]) base);
    } else if (this == BYTES) {
      return MemorySegment.ofArray((byte[]) base);
    } else if (this == INTS) {
      return MemorySegment.ofArray((int[]) base);
    } else if (this == LONGS) {
      return MemorySegment.ofArray((long[]) base);
    } else if (this == SHORTS) {
      return MemorySegment.ofArray((short[]) base);
    } else {
      return MemorySegment.ofArray((char[]) base);
    }
  }
}
