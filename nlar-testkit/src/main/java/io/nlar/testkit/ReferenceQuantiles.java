package io.nlar.testkit;

import io.nlar.Noise;

/** The draws of docs/numerics.md, "Noise", of a number U between −1 and 1. All operations are binary64. */
final class ReferenceQuantiles {

  private ReferenceQuantiles() {}

  static double draw(Noise.Distribution distribution, double uniform) {
    switch (distribution) {
      case UNIFORM:
        return uniform * Math.sqrt(3);
      case RADEMACHER:
        return uniform < 0 ? -1 : 1;
      case LAPLACE:
        double magnitude = -ln(1 - Math.abs(uniform)) * Math.sqrt(0.5);
        return uniform < 0 ? -magnitude : magnitude;
      case GAUSSIAN:
        double l = ln((1 - uniform) * (1 + uniform));
        double over = 1.25331413305 + l * (-0.429614453797 + l * (0.0842528035388 + l * (-0.0111390361277
            + l * (0.000949294493762 + l * (-4.18079779894e-5 + l * -2.45118420283e-7)))));
        double under = 1 + l * (-0.0809832565846 + l * (0.0329910398326 + l * (-0.00182939285143
            + l * (0.000207051006444 + l * (-1.02867700828e-6 + l * -1.42761857656e-8)))));
        return uniform * (over / under);
      case STUDENT_T:
        double s = Math.sqrt((1 - uniform) * (1 + uniform));
        double h = 1.7320508088 + s * (0.065383928559 + s * (-0.030834759835 + s * (0.01847256813 + s * (-0.012242317032
            + s * (0.0079532243073 + s * (-0.0043088455729 + s * (0.0015796263424 + s * -0.00027645716978)))))));
        return uniform * Math.sqrt(h / (s * (1 + s)));
      default:
        throw new IllegalArgumentException(distribution.toString());
    }
  }

  /** ln x, 0 < x < 1: x = m·2^e with m from √½ to √2, and ln m = 2·atanh((m − 1)/(m + 1)). */
  static double ln(double x) {
    double m = x;
    int e = 0;
    while (m < Math.sqrt(0.5)) {
      m *= 2;
      e--;
    }
    double z = (m - 1) / (m + 1);
    double y = z * z;
    double series = 2.0000000000085
        + y * (0.66666665234766 + y * (0.40000386387909 + y * (0.28534972419847 + y * 0.2361752421814)));
    return e * 0.6931471805599453 + z * series;
  }
}
