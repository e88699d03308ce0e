package io.nlar.bench.harness;

/** Something that is timed against others. Used from one thread. */
public interface Contestant extends AutoCloseable {

  /**
   * Checks, before anything is timed, that what {@link #run} computes is right.
   *
   * @throws VerificationException if it is not
   */
  void verify();

  /** Does the work {@code times} times in a row; all of it is complete on return. */
  void run(long times);

  @Override
  void close();
}
