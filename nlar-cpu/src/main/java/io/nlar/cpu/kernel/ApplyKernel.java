package io.nlar.cpu.kernel;

import java.lang.foreign.MemorySegment;

/** The update of a run of elements by one rule. */
public interface ApplyKernel {

  /**
   * Updates elements.
   *
   * @param values the memory with θ, as {@link Memory#forKernels} gives it
   * @param valueAt byte offset of the first θ in it
   * @param gradients the memory with g, likewise
   * @param gradientAt byte offset of the first g in it
   * @param slots the addresses of the tensor's state, in the order of {@link io.nlar.spi.RulePlan#slots}
   * @param offset bytes from there to the state of the first element
   * @param epsilonAt address of the first ε; not looked at without noise
   * @param count number of elements, a multiple of {@link #lanes}
   * @param scalars as {@link Scalars#numbers} has them
   */
  void run(MemorySegment values, long valueAt, MemorySegment gradients, long gradientAt, long[] slots, long offset,
      long epsilonAt, int count, double[] scalars);

  /** Elements a vector. */
  int lanes();
}
