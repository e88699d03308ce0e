// The rules with an averaged value: Schedule-Free's step on Adam's direction (docs/numerics.md, "Averaged rules").
//
//   A'     = A beta2 + ((1 - beta2) f) f
//   d      = f / (sqrt A' / root + epsilon),  u = d + delta theta
//   theta' = (theta + e1 v) - e2 u
//   v'     = e3 (v - e4 u)
#pragma once

#include "../layout.cuh"
#include "../parameters.cuh"
#include "../real.cuh"
#include "../storage.cuh"
#include "power.cuh"

namespace nlar {

template <class T, u32 KEPT>
struct Averaged {
  static constexpr int SLOTS = 2;
  static constexpr int V = 0;
  static constexpr int A = 1;
  static constexpr bool SCALES_GRADIENT_BY_RATE = false;
  static constexpr bool DISTINGUISHES = false;
  static constexpr u32 KEEPS = KEPT;

  struct Scalars {
    T pull;         // e1
    T stride;       // e2
    T share;        // e3
    T alpha;        // e4
    T root;         // of 1 - beta2^t
    T squareDecay;  // beta2
    T squareShare;  // 1 - beta2
    T epsilon;
    T decay;  // delta
    bool decays;
  };

  // The numbers are beta, beta2, epsilon and the unit, unrounded; behind them those of parameters.cuh.
  static __device__ __forceinline__ Scalars scalars(const Group& group, const double* kept, double t, double k) {
    const double* numbers = group.numbers;
    const double own = stepRate<KEEPS>(numbers, kept, k);
    const double rate = rootOfWeight<KEEPS>(own, kept);
    const double weight = mul(rate, rate);
    const double averaged = add(kept[AVERAGED], weight);
    const double c = averaged > 0 ? div(weight, averaged) : 0;
    const double alpha = div(own, numbers[3]);
    const double pull = mul(numbers[0], c);
    return {rounded<T>(pull),
            rounded<T>(mul(add(sub(1.0, numbers[0]), pull), alpha)),
            rounded<T>(sub(1.0, c)),
            rounded<T>(alpha),
            rounded<T>(nlar::root(sub(1.0, power(numbers[1], static_cast<u64>(t))))),
            rounded<T>(numbers[1]),
            rounded<T>(sub(1.0, numbers[1])),
            rounded<T>(numbers[2]),
            rounded<T>(group.decayRate),
            group.decayRate != 0};
  }

  static __device__ __forceinline__ T ordinaryAbove(const Scalars&) { return 0; }

  static constexpr __device__ __forceinline__ u32 rounding(int slot) { return slot == V ? ROUND_VELOCITY : ROUND_WEIGHT; }

  // Leaves d and the old v behind the state, where they are observed.
  template <bool, bool>
  static __device__ __forceinline__ void update(const Scalars& s, T f, T, T& theta, T* slots) {
    const T a = add(mul(slots[A], s.squareDecay), mul(mul(s.squareShare, f), f));
    const T d = div(f, add(div(nlar::root(a), s.root), s.epsilon));
    const T v = slots[V];
    const T u = s.decays ? add(d, mul(s.decay, theta)) : d;
    theta = sub(add(theta, mul(s.pull, v)), mul(s.stride, u));
    slots[V] = mul(s.share, sub(v, mul(s.alpha, u)));
    slots[A] = a;
    if constexpr (KEEPS == KEEPS_LOG_RATE) {
      slots[SLOTS] = d;
      slots[SLOTS + 1] = v;
    }
  }
};

}  // namespace nlar
