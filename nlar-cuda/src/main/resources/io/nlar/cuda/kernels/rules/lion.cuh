// Lion (docs/numerics.md, "Lion"; arXiv 2302.06675, algorithm 2).
//
//   c      = m beta1 + (1 - beta1) f
//   m'     = m beta2 + (1 - beta2) f
//   theta' = theta - eta sign(c)     theta is already less what weight decay takes; sign(0) = 0
//
//   eta = lambda k
#pragma once

#include "../layout.cuh"
#include "../real.cuh"
#include "../storage.cuh"

namespace nlar {

template <class T>
struct Lion {
  static constexpr int SLOTS = 1;
  static constexpr int M = 0;
  static constexpr bool SCALES_GRADIENT_BY_RATE = false;
  static constexpr bool DISTINGUISHES = false;
  static constexpr u32 KEEPS = KEEPS_NOTHING;

  struct Scalars {
    T eta;
    T meanWeight;      // beta1
    T gradientWeight;  // 1 - beta1
    T meanDecay;       // beta2
    T meanShare;       // 1 - beta2
  };

  // The numbers are lambda, beta1 and beta2, unrounded.
  static __device__ __forceinline__ Scalars scalars(const double* numbers, double, double k) {
    return {rounded<T>(mul(numbers[0], k)),
            rounded<T>(numbers[1]),
            rounded<T>(sub(1.0, numbers[1])),
            rounded<T>(numbers[2]),
            rounded<T>(sub(1.0, numbers[2]))};
  }

  static __device__ __forceinline__ T ordinaryAbove(const Scalars&) { return 0; }

  static constexpr __device__ __forceinline__ u32 rounding(int) { return ROUND_VELOCITY; }

  template <bool, bool>
  static __device__ __forceinline__ void update(const Scalars& s, T f, T, T& theta, T* slots) {
    const T mixed = add(mul(slots[M], s.meanWeight), mul(s.gradientWeight, f));
    // eta times the sign, without branches; what has no magnitude is a zero, or a NaN that shall be seen.
    const T step = withSign(s.eta, mixed);
    theta = sub(theta, magnitude(mixed) > 0 ? step : mixed);
    slots[M] = add(mul(slots[M], s.meanDecay), mul(s.meanShare, f));
  }
};

}  // namespace nlar

#define NLAR_KERNELS(QUIET, STATELESS, NOISY, T) QUIET(mean, nlar::Lion<T>)
