package io.nlar.cpu.kernel;

import io.nlar.DType;
import io.nlar.spi.StepPlan;

/** Three sums over a block of two tensors' elements, in the fixed shape of docs/numerics.md: Σ d·v, Σ d·d and Σ v·v. */
public interface ProductKernel {
  /** Lanes of a block; its rows are as long. */
  int LANES = SumKernel.LANES;

  /** Bytes of scratch memory that {@link #run} needs: a row of each sum. */
  int SCRATCH_BYTES = StepPlan.PRODUCTS * LANES * Double.BYTES;

  /**
   * Leaves the sums of a block.
   *
   * @param directions address of d
   * @param velocities address of v
   * @param count number of elements, at most {@link SumKernel#BLOCK}
   * @param sums address of Σ d·v
   * @param apart bytes from there to Σ d·d, and from there to Σ v·v
   * @param scratch address of {@value #SCRATCH_BYTES} bytes of the calling thread
   */
  void run(long directions, long velocities, int count, long sums, long apart, long scratch);

  /**
   * What a kernel is specialised to.
   *
   * @param type the element type
   * @param vectorBits width of its vectors of doubles; 0 for the scalar kernel
   */
  record Variant(DType type, int vectorBits) {
    /** This variant, one lane at a time. */
    public Variant scalar() {
      return new Variant(type, 0);
    }
  }
}
