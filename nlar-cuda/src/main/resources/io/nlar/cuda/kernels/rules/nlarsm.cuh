// Nlarsm: constant noise scale.
//
//   f = 0 < |f0| <= lower ? copysign(lower, f0) : f0
//   m = kappa          n = sigma epsilon          h = |v| + (m + sigma)          wf = f
//   base = lambda
#pragma once

#include "nlar.cuh"

namespace nlar {

template <class T>
struct Nlarsm {
  static constexpr bool OBSERVES_SECANTS = false;

  static __device__ __forceinline__ T limited(const NlarScalars<T>& s, T f0) {
    return 0 < magnitude(f0) && magnitude(f0) <= s.floor ? withSign(s.floor, f0) : f0;
  }

  static __device__ __forceinline__ Observed<T> observed(const NlarScalars<T>& s, T f, T v) {
    return {s.kappa, s.sigma, add(magnitude(v), add(s.kappa, s.sigma)), f};
  }

  static __device__ __forceinline__ T ordinaryAbove(const NlarScalars<T>& s) { return s.floor; }

  static __device__ __forceinline__ Observed<T> ordinary(const NlarScalars<T>& s, T f, T v) { return observed(s, f, v); }

  static __device__ __forceinline__ T base(const NlarScalars<T>& s) { return s.lambda; }
};

}  // namespace nlar

#define NLAR_KERNELS(QUIET, STATELESS, NOISY, T) NLAR_ESTIMATOR_KERNELS(QUIET, STATELESS, NOISY, T, nlar::Nlarsm)
