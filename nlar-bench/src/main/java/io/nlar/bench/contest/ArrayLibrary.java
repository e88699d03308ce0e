package io.nlar.bench.contest;

/**
 * Operations on whole arrays as a library offers them: one pass over memory each. {@code z} is written and may be one of
 * the operands.
 *
 * @param <A> an array
 */
public interface ArrayLibrary<A> extends AutoCloseable {

  /** A new array that repeats {@code pattern}. */
  A array(double[] pattern);

  /** Waits for everything begun, and returns the first elements of {@code x}, at most {@code count}. */
  double[] read(A x, int count);

  /** √Σx² */
  double norm(A x);

  /** z = a·x */
  void scale(double a, A x, A z);

  /** z = a + x */
  void shift(double a, A x, A z);

  /** z = |x| */
  void abs(A x, A z);

  /** z = a / x */
  void reciprocal(double a, A x, A z);

  /** z = x + y */
  void add(A x, A y, A z);

  /** z = x − y */
  void subtract(A x, A y, A z);

  /** z = x·y */
  void multiply(A x, A y, A z);

  /** z = x / y */
  void divide(A x, A y, A z);

  /** Waits for everything begun. */
  void finish();

  @Override
  void close();
}
