// AdamW (docs/numerics.md, "AdamW"; arXiv 1711.05101, algorithm 2, as PyTorch orders its operations).
//
//   m'     = m + (f - m) (1 - beta1)
//   q'     = q beta2 + ((1 - beta2) f) f
//   theta' = theta - eta (m' / (sqrt q' / root + epsilon))     theta is already less what weight decay takes
//
// With Nesterov's momentum m' + (f - m') (1 - beta1) in the place of the last m' (arXiv 1910.05446, table 1).
//
//   eta  = (lambda k) / (1 - beta1^t)
//   root = sqrt(1 - beta2^t)
#pragma once

#include "../layout.cuh"
#include "../real.cuh"
#include "../storage.cuh"
#include "power.cuh"

namespace nlar {

template <class T, bool NESTEROV>
struct AdamW {
  static constexpr int SLOTS = 2;
  static constexpr int M = 0;
  static constexpr int Q = 1;
  static constexpr bool SCALES_GRADIENT_BY_RATE = false;
  static constexpr bool DISTINGUISHES = false;
  static constexpr u32 KEEPS = KEEPS_NOTHING;

  struct Scalars {
    T eta;
    T root;
    T meanShare;    // 1 - beta1
    T squareDecay;  // beta2
    T squareShare;  // 1 - beta2
    T epsilon;
  };

  // The numbers are lambda, beta1, beta2 and epsilon, unrounded.
  static __device__ __forceinline__ Scalars scalars(const double* numbers, double t, double k) {
    const u64 step = static_cast<u64>(t);
    return {rounded<T>(div(mul(numbers[0], k), sub(1.0, power(numbers[1], step)))),
            rounded<T>(root(sub(1.0, power(numbers[2], step)))),
            rounded<T>(sub(1.0, numbers[1])),
            rounded<T>(numbers[2]),
            rounded<T>(sub(1.0, numbers[2])),
            rounded<T>(numbers[3])};
  }

  static __device__ __forceinline__ T ordinaryAbove(const Scalars&) { return 0; }

  static constexpr __device__ __forceinline__ u32 rounding(int slot) { return slot == M ? ROUND_VELOCITY : ROUND_WEIGHT; }

  template <bool, bool>
  static __device__ __forceinline__ void update(const Scalars& s, T f, T, T& theta, T* slots) {
    const T m = add(slots[M], mul(sub(f, slots[M]), s.meanShare));
    const T q = add(mul(slots[Q], s.squareDecay), mul(mul(s.squareShare, f), f));
    const T denominator = add(div(nlar::root(q), s.root), s.epsilon);
    const T direction = NESTEROV ? add(m, mul(sub(f, m), s.meanShare)) : m;
    theta = sub(theta, mul(s.eta, div(direction, denominator)));
    slots[M] = m;
    slots[Q] = q;
  }
};

}  // namespace nlar

#define NLAR_KERNELS(QUIET, STATELESS, NOISY, T) QUIET(means, nlar::AdamW<T, false>) QUIET(nesterov, nlar::AdamW<T, true>)
