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

  private Memory() {}

  /** What a kernel is given for elements in {@code segment}: the same segment over an array, else all native memory. */
  public static MemorySegment forKernels(MemorySegment segment) {
    return segment.isNative() ? EVERYWHERE : segment;
  }

  /** Where {@code segment} starts in {@link #forKernels}: an address in native memory. */
  public static long start(MemorySegment segment) {
    return segment.isNative() ? segment.address() : 0;
  }

  /** {@code memory} as a segment of the constant class {@code type}; the constant itself for native memory. */
  static MemorySegment as(Class<? extends MemorySegment> type, MemorySegment memory) {
    return type == EVERYWHERE.getClass() ? EVERYWHERE : type.cast(memory);
  }
}
