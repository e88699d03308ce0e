// The update of one element (docs/numerics.md; arXiv 2410.09943 in innovation form), for T = float or double.
//
//   gamma = base + D
//   rho   = h > 0 ? (mu m) / ((1 + |gamma|) h) : 0
//   p     = rho v,   u = p + n,   d = u - gamma f
//   theta' = (theta - theta delta lambda k) + d
//   v'    = p - gamma f
//   A'    = A + wf f,   Q' = Q0 + A'
//   D'    = f != 0 and Q' != 0 ? D - (wf u) / Q' : D
#pragma once

#include "layout.cuh"
#include "real.cuh"
#include "scalars.cuh"

namespace nlar {

// The scaled gradient f0.
template <class T>
__device__ __forceinline__ T scaled(const Scalars<T>& s, T g) {
  if (s.scaling == VALUE) {
    const T x = mul(g, s.gradientScale);
    return mul(x < -s.bound ? -s.bound : x > s.bound ? s.bound : x, s.rateFactor);
  }
  if (s.scaling == SOFT) {
    const T x = mul(g, s.gradientScale);
    return mul(mul(s.bound, div(x, add(s.bound, magnitude(x)))), s.rateFactor);
  }
  return mul(g, s.coefficient);
}

// f: the scaled gradient behind the estimator's own lower limit.
//   Nlarsm   0 < |f0| <= lower ? copysign(lower, f0) : f0
//   others   |f0| < floor ? 0 with the sign of f0 : f0
template <class T, Estimator E>
__device__ __forceinline__ T limited(const Scalars<T>& s, T f0) {
  if constexpr (E == NLARSM) {
    return 0 < magnitude(f0) && magnitude(f0) <= s.floor ? withSign(s.floor, f0) : f0;
  } else {
    return magnitude(f0) < s.floor ? withSign(T(0), f0) : f0;
  }
}

// r, the noise scale of this element as a share of sigma.
//   Nlarcm   0 < |f| < sigma ? |f| / sigma : 1
//   Nlarpm   f = 0 ? 1 : min(|f|, 2^60)
template <class T, Estimator E>
__device__ __forceinline__ T noiseRatio(const Scalars<T>& s, T f) {
  const T a = magnitude(f);
  if constexpr (E == NLARCM) {
    return 0 < a && a < s.noiseScale ? div(a, s.noiseScale) : T(1);
  } else {
    return f == 0 ? T(1) : a < T(0x1p60) ? a : T(0x1p60);
  }
}

template <class T>
struct Element {
  T value;     // theta
  T velocity;  // v, with momentum
  T rate;      // D
  T weight;    // A
};

template <class T, Estimator E, bool MOMENTUM, Noise NOISE>
__device__ __forceinline__ void update(const Scalars<T>& s, T g, T epsilon, Element<T>& e) {
  const T f = limited<T, E>(s, scaled(s, g));
  const T decayed = s.decays ? sub(e.value, mul(e.value, s.weightDecay)) : e.value;

  // Without momentum and noise nothing is estimated: gamma stays lambda.
  if constexpr (!MOMENTUM && NOISE == NO_NOISE) {
    e.value = sub(decayed, mul(s.learningRate, f));
    return;
  }

  T m = s.decay;
  T n = mul(s.noiseScale, epsilon);
  T h = add(magnitude(e.velocity), add(m, s.noiseScale));
  T wf = f;
  if constexpr (E != NLARSM) {
    const T r = noiseRatio<T, E>(s, f);
    const T r2 = mul(r, r);
    m = mul(r2, s.decay);
    n = mul(mul(r, s.noiseScale), epsilon);
    h = add(magnitude(e.velocity), m);
    wf = r2 == 1 ? f : div(f, r2);  // f / 1 = f: most elements need no division
  }

  const T gamma = E == NLARSM ? add(s.learningRate, e.rate) : add(T(0), e.rate);
  T p = 0;
  T u = n;
  if constexpr (MOMENTUM) {
    const T rho = h > 0 ? div(mul(s.momentum, m), mul(add(T(1), magnitude(gamma)), h)) : T(0);
    p = mul(rho, e.velocity);
    u = NOISE == NO_NOISE ? p : add(p, n);
  }
  const T gradientTerm = mul(gamma, f);
  e.value = add(decayed, sub(u, gradientTerm));
  if constexpr (MOMENTUM) {
    e.velocity = sub(p, gradientTerm);
  }
  e.weight = add(e.weight, mul(wf, f));
  const T q = add(s.initialWeight, e.weight);
  if (f != 0 && q != 0) {
    e.rate = sub(e.rate, div(mul(wf, u), q));
  }
}

}  // namespace nlar
