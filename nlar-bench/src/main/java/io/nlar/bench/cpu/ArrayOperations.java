package io.nlar.bench.cpu;

/**
 * Operations on whole arrays as a library offers them, one pass each. Plain loops, which the JIT compiler turns into
 * vector instructions. All work on elements {@code from} to {@code to} (exclusive); z is written.
 */
final class ArrayOperations {
  private ArrayOperations() {}

  /** Σ x² */
  static double sumOfSquares(float[] x, int from, int to) {
    // Eight chains of additions, as a library would have, since one chain would wait for each addition.
    double[] sums = new double[8];
    int end = from + (to - from) / 8 * 8;
    for (int i = from; i < end; i += 8) {
      for (int lane = 0; lane < 8; lane++) {
        sums[lane] += (double) x[i + lane] * x[i + lane];
      }
    }
    double sum = 0;
    for (double s : sums) {
      sum += s;
    }
    for (int i = end; i < to; i++) {
      sum += (double) x[i] * x[i];
    }
    return sum;
  }

  /** z = a·x */
  static void scale(float a, float[] x, float[] z, int from, int to) {
    for (int i = from; i < to; i++) {
      z[i] = a * x[i];
    }
  }

  /** z = a + x */
  static void shift(float a, float[] x, float[] z, int from, int to) {
    for (int i = from; i < to; i++) {
      z[i] = a + x[i];
    }
  }

  /** z = |x| */
  static void abs(float[] x, float[] z, int from, int to) {
    for (int i = from; i < to; i++) {
      z[i] = Math.abs(x[i]);
    }
  }

  /** z = x + y */
  static void add(float[] x, float[] y, float[] z, int from, int to) {
    for (int i = from; i < to; i++) {
      z[i] = x[i] + y[i];
    }
  }

  /** z = x − y */
  static void subtract(float[] x, float[] y, float[] z, int from, int to) {
    for (int i = from; i < to; i++) {
      z[i] = x[i] - y[i];
    }
  }

  /** z = x·y */
  static void multiply(float[] x, float[] y, float[] z, int from, int to) {
    for (int i = from; i < to; i++) {
      z[i] = x[i] * y[i];
    }
  }

  /** z = x / y */
  static void divide(float[] x, float[] y, float[] z, int from, int to) {
    for (int i = from; i < to; i++) {
      z[i] = x[i] / y[i];
    }
  }

  /** z = a / x */
  static void reciprocal(float a, float[] x, float[] z, int from, int to) {
    for (int i = from; i < to; i++) {
      z[i] = a / x[i];
    }
  }
}
