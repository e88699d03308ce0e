// The quantile functions by which uniform numbers become draws (docs/numerics.md, "Noise"): binary64 operations in the
// order written, none of them a library's.
#pragma once

#include "layout.cuh"
#include "real.cuh"

namespace nlar {

// c0 + c1 x + c2 x^2 and so on, by Horner's rule.
template <class... Coefficients>
__device__ __forceinline__ double polynomial(double x, double constant, Coefficients... more) {
  if constexpr (sizeof...(more) == 0) {
    return constant;
  } else {
    return add(mul(polynomial(x, more...), x), constant);
  }
}

constexpr double ROOT_HALF = 0x1.6a09e667f3bcdp-1;

// ln x of a normal number: x = m 2^e with m from sqrt(1/2) to sqrt 2, and ln m = 2 atanh((m - 1) / (m + 1)).
__device__ __forceinline__ double naturalLog(double x) {
  const s64 pattern = static_cast<s64>(bits(x));
  const int e = static_cast<int>((pattern - 0x3fe6a09e667f3bcd) >> 52);
  const double m = number(static_cast<u64>(pattern - (static_cast<s64>(e) << 52)));
  const double z = div(sub(m, 1.0), add(m, 1.0));
  const double series = polynomial(mul(z, z), 2.0000000000085, 0.66666665234766, 0.40000386387909, 0.28534972419847,
                                   0.2361752421814);
  return add(mul(static_cast<double>(e), 0.6931471805599453), mul(z, series));
}

// A normal draw.
__device__ __forceinline__ double gaussian(double uniform) {
  const double l = naturalLog(mul(sub(1.0, uniform), add(1.0, uniform)));
  const double over = polynomial(l, 1.25331413305, -0.429614453797, 0.0842528035388, -0.0111390361277,
                                 0.000949294493762, -4.18079779894e-5, -2.45118420283e-7);
  const double under = polynomial(l, 1.0, -0.0809832565846, 0.0329910398326, -0.00182939285143, 0.000207051006444,
                                  -1.02867700828e-6, -1.42761857656e-8);
  return mul(uniform, div(over, under));
}

// A draw of Laplace's distribution.
__device__ __forceinline__ double laplace(double uniform) {
  return withSign(mul(naturalLog(sub(1.0, magnitude(uniform))), ROOT_HALF), uniform);
}

// A draw of Student's t with 4 degrees of freedom, of variance 1.
__device__ __forceinline__ double studentT(double uniform) {
  const double s = root(mul(sub(1.0, uniform), add(1.0, uniform)));
  const double h = polynomial(s, 1.7320508088, 0.065383928559, -0.030834759835, 0.01847256813, -0.012242317032,
                              0.0079532243073, -0.0043088455729, 0.0015796263424, -0.00027645716978);
  return mul(uniform, root(div(h, mul(s, add(1.0, s)))));
}

// The draw of a number U between -1 and 1, of any distribution but the uniform one.
__device__ __forceinline__ double quantile(u32 distribution, double uniform) {
  return distribution == DISTRIBUTION_GAUSSIAN    ? gaussian(uniform)
         : distribution == DISTRIBUTION_LAPLACE   ? laplace(uniform)
         : distribution == DISTRIBUTION_STUDENT_T ? studentT(uniform)
                                                  : withSign(1.0, uniform);
}

}  // namespace nlar
