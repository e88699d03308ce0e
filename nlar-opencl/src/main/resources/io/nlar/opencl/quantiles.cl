// The quantile functions by which uniform numbers become draws (docs/numerics.md, "Noise"), VEC at a time: binary64
// operations in the order written, none of them a library's but the root, which is rounded correctly. Which distribution
// it is, all elements of a group have in common.

typedef JOIN(double, VEC) doublev;
typedef JOIN(long, VEC) longv;
#define AS_LONGV JOIN(as_long, VEC)
#define AS_DOUBLEV JOIN(as_double, VEC)

#define ROOT_HALF 0x1.6a09e667f3bcdp-1

/** ln x of normal numbers: x = m 2^e with m from sqrt(1/2) to sqrt 2, and ln m = 2 atanh((m - 1) / (m + 1)). */
static inline doublev natural_log(doublev x) {
  longv bits = AS_LONGV(x);
  longv e = (bits - as_long(ROOT_HALF)) >> 52;
  doublev m = AS_DOUBLEV(bits - (e << 52));
  doublev z = (m - 1.0) / (m + 1.0);
  doublev y = z * z;
  doublev series = (((0.2361752421814 * y + 0.28534972419847) * y + 0.40000386387909) * y + 0.66666665234766) * y
      + 2.0000000000085;
  return TO_DOUBLEV(e) * 0.6931471805599453 + z * series;
}

/** A normal draw. */
static inline doublev gaussian(doublev uniform) {
  doublev l = natural_log((1.0 - uniform) * (1.0 + uniform));
  doublev over = (((((-2.45118420283e-7 * l - 4.18079779894e-5) * l + 0.000949294493762) * l - 0.0111390361277) * l
      + 0.0842528035388) * l - 0.429614453797) * l + 1.25331413305;
  doublev under = (((((-1.42761857656e-8 * l - 1.02867700828e-6) * l + 0.000207051006444) * l - 0.00182939285143) * l
      + 0.0329910398326) * l - 0.0809832565846) * l + 1.0;
  return uniform * (over / under);
}

/** A draw of Laplace's distribution. */
static inline doublev laplace(doublev uniform) {
  return copysign(natural_log(1.0 - fabs(uniform)) * ROOT_HALF, uniform);
}

/** A draw of Student's t with 4 degrees of freedom, of variance 1. */
static inline doublev student_t(doublev uniform) {
  doublev s = sqrt((1.0 - uniform) * (1.0 + uniform));
  doublev h = (((((((-0.00027645716978 * s + 0.0015796263424) * s - 0.0043088455729) * s + 0.0079532243073) * s
      - 0.012242317032) * s + 0.01847256813) * s - 0.030834759835) * s + 0.065383928559) * s + 1.7320508088;
  return uniform * sqrt(h / (s * (1.0 + s)));
}

/** Draws of numbers U between -1 and 1. */
static inline doublev quantile(uint distribution, doublev uniform) {
  if (distribution == DISTRIBUTION_GAUSSIAN) {
    return gaussian(uniform);
  }
  if (distribution == DISTRIBUTION_LAPLACE) {
    return laplace(uniform);
  }
  if (distribution == DISTRIBUTION_RADEMACHER) {
    return copysign((doublev) (1.0), uniform);
  }
  if (distribution == DISTRIBUTION_STUDENT_T) {
    return student_t(uniform);
  }
  return uniform * sqrt(3.0);
}
