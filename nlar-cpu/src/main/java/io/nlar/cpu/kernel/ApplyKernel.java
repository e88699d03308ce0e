package io.nlar.cpu.kernel;

/** The update of a run of elements. */
public interface ApplyKernel {

  /** Updates {@code span.count} elements, a multiple of {@link #lanes}. */
  void run(ApplySpan span, ApplyScalars scalars);

  /** Elements a vector. */
  int lanes();
}
