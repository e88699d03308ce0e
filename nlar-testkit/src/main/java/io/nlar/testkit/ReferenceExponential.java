package io.nlar.testkit;

/** The exponential function of docs/numerics.md, "Exponential", operation by operation. */
final class ReferenceExponential {
  private ReferenceExponential() {}

  /** eˣ; 0 for x up to −708. */
  static double of(double x) {
    if (x <= -708 || Double.isNaN(x)) {
      return 0;
    }
    double n = (x * 1.4426950408889634 + 6755399441055744.0) - 6755399441055744.0;
    double r = x - n * 6.93147180369123816490e-01 - n * 1.90821492927058770002e-10;
    double sum = 0;
    for (int i = 13; i >= 0; i--) {
      sum = sum * r + 1 / factorial(i);
    }
    return sum * Math.scalb(1.0, (int) n);
  }

  private static double factorial(int i) {
    return i == 0 ? 1 : i * factorial(i - 1);
  }
}
