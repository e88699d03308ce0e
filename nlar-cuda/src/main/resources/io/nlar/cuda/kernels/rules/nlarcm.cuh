// Nlarcm: the noise scale is clipped by the gradient.
//
//   f  = |f0| < sigma 2^-60 ? 0 : f0
//   r  = 0 < |f| < sigma ? |f| / sigma : 1
//   r2 = r r          m = r2 kappa          n = (r sigma) epsilon          h = |v| + m          wf = f / r2
//   base = 0
#pragma once

#include "nlar.cuh"

namespace nlar {

template <class T>
struct Nlarcm {
  static constexpr bool OBSERVES_SECANTS = false;

  static __device__ __forceinline__ T limited(const NlarScalars<T>& s, T f0) { return flushed(s, f0); }

  static __device__ __forceinline__ Observed<T> observed(const NlarScalars<T>& s, T f, T v) {
    const T a = magnitude(f);
    return observedByRatio(s, 0 < a && a < s.sigma ? div(a, s.sigma) : T(1), f, v);
  }

  // r = 1, and f is not 0.
  static __device__ __forceinline__ T ordinaryAbove(const NlarScalars<T>& s) { return s.sigma; }

  static __device__ __forceinline__ Observed<T> ordinary(const NlarScalars<T>& s, T f, T v) {
    return {s.kappa, s.sigma, add(magnitude(v), s.kappa), f};
  }

  static __device__ __forceinline__ T base(const NlarScalars<T>&) { return 0; }
};

}  // namespace nlar

#define NLAR_KERNELS(QUIET, STATELESS, NOISY, T) NLAR_ESTIMATOR_KERNELS(QUIET, STATELESS, NOISY, T, nlar::Nlarcm)
