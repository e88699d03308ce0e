package io.nlar.spi;

/** The exponential function as a fixed sequence of binary64 operations (docs/numerics.md, "Exponential"). */
public final class Exponential {
  private static final double LOG2_E = 0x1.71547652b82fep0;
  /** The upper part of ln 2: multiples of it by exponents are exact. */
  private static final double LN2_HIGH = 0x1.62e42feep-1;
  private static final double LN2_LOW = 0x1.a39ef35793c76p-33;
  /** Added, it leaves a whole number in the lowest bits. */
  private static final double ROUND = 0x1.8p52;
  private static final long ONE = 0x3FF0000000000000L;
  /** 1/13!, 1/12!, … 1/0!, each rounded once. */
  private static final double[] TERMS = new double[14];

  static {
    double factorial = 1;
    for (int i = 0; i < TERMS.length; i++) {
      TERMS[TERMS.length - 1 - i] = 1 / factorial;
      factorial *= i + 1;
    }
  }

  private Exponential() {}

  /** eˣ for x ≤ 709; 0 where x is no more than −708 or is no number. */
  public static double of(double x) {
    if (!(x > -708)) {
      return 0;
    }
    double shifted = x * LOG2_E + ROUND;
    double n = shifted - ROUND;
    double r = (x - n * LN2_HIGH) - n * LN2_LOW;
    double sum = TERMS[0];
    for (int i = 1; i < TERMS.length; i++) {
      sum = sum * r + TERMS[i];
    }
    return sum * Double.longBitsToDouble((Double.doubleToRawLongBits(shifted) << 52) + ONE);
  }
}
