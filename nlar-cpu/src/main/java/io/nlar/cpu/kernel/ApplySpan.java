package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The memory of a run of elements. Mutable, one for each thread, so that a step allocates nothing. Slots that a kernel's
 * variant does not keep are not read.
 */
public final class ApplySpan {
  /** The memory with θ, as {@link Memory#forKernels} gives it. */
  public MemorySegment values;
  /** Byte offset of θ in it. */
  public long value;
  /** The memory with g, as {@link Memory#forKernels} gives it. */
  public MemorySegment gradients;
  /** Byte offset of g in it. */
  public long gradient;
  /** Address of v. */
  public long velocity;
  /** Address of D. */
  public long rate;
  /** Address of A. */
  public long weight;
  /** Address of ε. */
  public long noise;
  /** Number of elements. */
  public int count;
}
