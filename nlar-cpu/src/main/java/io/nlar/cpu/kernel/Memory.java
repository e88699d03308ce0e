package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Memory as kernels see it: native memory by its addresses, Java arrays as segments.
 *
 * <p>A kernel that has met segments of several classes through one call site is several times slower from then on, so
 * kernels are specialised to one class each for values and gradients, and cast to it: from there on the compiler knows
 * the class, whatever the profiles of the JDK's own methods say.
 */
public final class Memory {
  /**
   * All of native memory: an offset in it is an address. A constant, so that compiled code holds neither bounds nor
   * liveness checks; whoever passes addresses to kernels has made sure of both.
   */
  public static final MemorySegment EVERYWHERE = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Elements that a kernel works on at a time, at most. */
  public static final int MOST_ELEMENTS = 1 << 27;

  /** Addresses of native memory, and places in arrays, have no other bits. */
  private static final long ADDRESS_BITS = Long.MAX_VALUE >>> 1;

  private Memory() {}

  /**
   * What a kernel is given for elements in {@code segment}: all of the array that it lies in, else all native memory. So
   * elements that touch have one memory, whichever segments they came in.
   */
  public static MemorySegment forKernels(MemorySegment segment) {
    return segment.heapBase().map(Memory::whole).orElse(EVERYWHERE);
  }

  static MemorySegment whole(Object array) {
    return switch (array) {
      case byte[] bytes -> MemorySegment.ofArray(bytes);
      case short[] shorts -> MemorySegment.ofArray(shorts);
      case char[] chars -> MemorySegment.ofArray(chars);
      case int[] ints -> MemorySegment.ofArray(ints);
      case long[] longs -> MemorySegment.ofArray(longs);
      case float[] floats -> MemorySegment.ofArray(floats);
      case double[] doubles -> MemorySegment.ofArray(doubles);
      default -> throw new IllegalArgumentException("a segment over " + array.getClass());
    };
  }

  /** Whether two of {@link #forKernels} are the same memory. */
  public static boolean same(MemorySegment one, MemorySegment other) {
    return one == other || one.heapBase().isPresent() && one.heapBase().get() == other.heapBase().orElse(null);
  }

  /**
   * {@code at}, where something starts in memory, as a number of which the compiler knows the bounds. Said before a loop, it
   * leaves no check of bounds there; and if {@link #count} bounds the loop, no sum either, since an instruction that
   * accesses memory adds a place to a start. Without it loops took each start from the stack and copied it, for every access.
   */
  static long start(long at) {
    return at & ADDRESS_BITS;
  }

  /** {@code elements}, at most {@link #MOST_ELEMENTS}, as a number of which the compiler knows the bounds. */
  static int count(int elements) {
    return Math.min(elements, MOST_ELEMENTS);
  }

  /** {@code memory} as a segment of the constant class {@code type}; the constant itself for native memory. */
  static MemorySegment as(Class<? extends MemorySegment> type, MemorySegment memory) {
    return type == EVERYWHERE.getClass() ? EVERYWHERE : type.cast(memory);
  }
}
