package io.nlar.spi.queue;

import io.nlar.DType;

/**
 * A backend's kernels, and how they cut their work. They read the {@linkplain StepTables tables}, leave the sums of squares
 * and the control block as docs/numerics.md and {@link io.nlar.Control} have them, and note refused steps.
 */
public interface Kernels {

  /** Elements of a chunk, the work of a thread block or work-group at a time; a multiple of {@link StepTables#BLOCK}. */
  int chunk();

  /**
   * The boundary in bytes from which elements of values and gradients go in the widest accesses. The engine's own state lies
   * on one.
   */
  int alignment(DType type);

  /** The boundary in bytes on which state that a caller lends must begin. */
  int stateAlignment(DType type);

  /** The most memory objects of values, and of gradients, that a launch takes; of no matter where all memory is reached. */
  int objects();

  /**
   * Loads the kernel of the reduction, so that what is wrong with it is said when a step is compiled.
   *
   * @param gradient the gradients' type
   */
  void prepare(DType gradient);

  /** Loads the kernel of an update, likewise. */
  void prepare(Variant variant);

  /** A reduction over some chunks: leaves the sums of their blocks, and every sum above that becomes complete. */
  Reduction reduction(DType gradient, StepMemory memory, Part part);

  /** An update of some chunks. */
  Update update(Variant variant, StepMemory memory, Part part);

  /** See {@link #reduction}. */
  interface Reduction {
    /** Enqueues it. Allocates nothing. */
    void run();

    /** Releases what it holds; it may still be enqueued. */
    void close();
  }

  /** See {@link #update}. */
  interface Update {
    /**
     * Enqueues it. Allocates nothing.
     *
     * @param ticket the step's ticket
     * @param gradientScale s, where {@code flags} say that it is given
     * @param rateFactor k, likewise
     * @param flags the flags of a launch, of {@link StepTables}
     */
    void run(long ticket, double gradientScale, double rateFactor, int flags);

    /** Releases what it holds; it may still be enqueued. */
    void close();
  }
}
