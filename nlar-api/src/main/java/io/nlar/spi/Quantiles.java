package io.nlar.spi;

import io.nlar.Noise.Distribution;

/**
 * The quantile functions by which uniform numbers become draws of a {@link Distribution} ("Noise" in docs/numerics.md):
 * sequences of binary64 operations that every backend does alike, none of them a library's. Coefficients of a polynomial
 * come from the constant one on, and it is evaluated by Horner's rule from the last one.
 */
public final class Quantiles {
  /** √3: the largest uniform draw. */
  public static final double ROOT_3 = Math.sqrt(3);
  /** √½: Laplace's scale, and what the logarithm divides binades at. */
  public static final double ROOT_HALF = Math.sqrt(0.5);
  /** ln 2. */
  public static final double LN_2 = 0.6931471805599453;

  private static final double[] LOGARITHM =
      {2.0000000000085, 0.66666665234766, 0.40000386387909, 0.28534972419847, 0.2361752421814};
  private static final double[] GAUSSIAN_OVER = {1.25331413305, -0.429614453797, 0.0842528035388, -0.0111390361277,
      0.000949294493762, -4.18079779894e-5, -2.45118420283e-7};
  private static final double[] GAUSSIAN_UNDER = {1, -0.0809832565846, 0.0329910398326, -0.00182939285143,
      0.000207051006444, -1.02867700828e-6, -1.42761857656e-8};
  private static final double[] STUDENT_T = {1.7320508088, 0.065383928559, -0.030834759835, 0.01847256813,
      -0.012242317032, 0.0079532243073, -0.0043088455729, 0.0015796263424, -0.00027645716978};

  private static final int FRACTION = 52;
  private static final long ROOT_HALF_BITS = Double.doubleToRawLongBits(ROOT_HALF);

  private Quantiles() {}

  /** Of 2·atanh(z)/z in z², |z| up to 3 − √8; relative error 4.3e-12. */
  public static double[] logarithm() {
    return LOGARITHM.clone();
  }

  /** The numerator of a normal draw over U, in ln(1 − U²); with the denominator a relative error of 3.4e-9. */
  public static double[] gaussianOver() {
    return GAUSSIAN_OVER.clone();
  }

  /** Its denominator. */
  public static double[] gaussianUnder() {
    return GAUSSIAN_UNDER.clone();
  }

  /** Of 2·(cos(arccos(s)/3) − s)/(1 − s) in s from 0 to 1; relative error 7.1e-10. */
  public static double[] studentT() {
    return STUDENT_T.clone();
  }

  /**
   * The draw of a word.
   *
   * @param word of Philox; all 32 bits count
   */
  static double draw(Distribution distribution, int word) {
    double uniform = ((word & 0xffffffffL) + 0.5) * 0x1p-32 * 2 - 1;
    return switch (distribution) {
      case UNIFORM -> uniform * ROOT_3;
      case GAUSSIAN -> {
        double l = log((1 - uniform) * (1 + uniform));
        yield uniform * (polynomial(GAUSSIAN_OVER, l) / polynomial(GAUSSIAN_UNDER, l));
      }
      case LAPLACE -> Math.copySign(log(1 - Math.abs(uniform)) * ROOT_HALF, uniform);
      case RADEMACHER -> Math.copySign(1, uniform);
      case STUDENT_T -> {
        double s = Math.sqrt((1 - uniform) * (1 + uniform));
        yield uniform * Math.sqrt(polynomial(STUDENT_T, s) / (s * (1 + s)));
      }
    };
  }

  /** ln x of a normal number. */
  private static double log(double x) {
    long bits = Double.doubleToRawLongBits(x);
    long e = bits - ROOT_HALF_BITS >> FRACTION;
    double m = Double.longBitsToDouble(bits - (e << FRACTION));
    double z = (m - 1) / (m + 1);
    return e * LN_2 + z * polynomial(LOGARITHM, z * z);
  }

  private static double polynomial(double[] coefficients, double x) {
    double y = coefficients[coefficients.length - 1];
    for (int i = coefficients.length - 2; i >= 0; i--) {
      y = y * x + coefficients[i];
    }
    return y;
  }
}
