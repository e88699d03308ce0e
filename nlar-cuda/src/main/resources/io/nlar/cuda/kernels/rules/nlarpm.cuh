// Nlarpm: the noise scale is proportional to the gradient.
//
//   f  = |f0| < 2^-60 ? 0 : f0
//   r  = f = 0 ? 1 : min(|f|, 2^60)
//   r2 = r r          m = r2 kappa          n = (r sigma) epsilon          h = |v| + m          wf = f / r2
//   base = 0
#pragma once

#include "nlar.cuh"

namespace nlar {

template <class T>
struct Nlarpm {
  static constexpr bool OBSERVES_SECANTS = false;

  static __device__ __forceinline__ T clipped(T f) {
    const T a = magnitude(f);
    return a < T(0x1p60) ? a : T(0x1p60);
  }

  static __device__ __forceinline__ T limited(const NlarScalars<T>& s, T f0) { return flushed(s, f0); }

  static __device__ __forceinline__ Observed<T> observed(const NlarScalars<T>& s, T f, T v) {
    return observedByRatio(s, f == 0 ? T(1) : clipped(f), f, v);
  }

  // f is not 0, and r2 is no less than 2^-60.
  static __device__ __forceinline__ T ordinaryAbove(const NlarScalars<T>&) { return T(0x1p-30); }

  static __device__ __forceinline__ Observed<T> ordinary(const NlarScalars<T>& s, T f, T v) {
    const T r = clipped(f);
    const T r2 = mul(r, r);
    const T m = mul(r2, s.kappa);
    return {m, mul(r, s.sigma), add(magnitude(v), m), div(f, r2)};
  }

  static __device__ __forceinline__ T base(const NlarScalars<T>&) { return 0; }
};

}  // namespace nlar

#define NLAR_KERNELS(QUIET, STATELESS, NOISY, T) NLAR_ESTIMATOR_KERNELS(QUIET, STATELESS, NOISY, T, nlar::Nlarpm)
