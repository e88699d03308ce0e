package io.nlar.cpu.kernel;

/**
 * The memory of a run of elements. Mutable, one for each thread, so that a step allocates nothing. Slots that a kernel's
 * variant does not keep are not read.
 */
public final class ApplySpan {
  /** The array with θ; null in native memory. */
  public Object valueBase;
  /** Byte offset of θ in its array, or its address. */
  public long value;
  /** The array with g; null in native memory. */
  public Object gradientBase;
  /** Byte offset of g in its array, or its address. */
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
