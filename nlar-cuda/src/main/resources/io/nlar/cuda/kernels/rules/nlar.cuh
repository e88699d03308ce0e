// What the Nlar estimators share: the estimate of one element's learning rate (docs/numerics.md, "The update"; arXiv
// 2410.09943 in innovation form), written once over an estimator E. E says what it observes: f, m, n's scale, h and wf;
// and above which |f0| that is simpler, with f = f0.
//
//   gamma  = base + D
//   rho    = h > 0 ? (mu m) / ((1 + |gamma|) h) : 0
//   p      = rho v,   u = p + n,   d = u - gamma f
//   theta' = theta + d                      theta is already less what weight decay takes
//   v'     = p - gamma f
//   A'     = A + wf f,   Q' = Q0 + A'
//   D'     = f != 0 and Q' != 0 ? D - (wf u) / Q' : D
//
// Where state is compact, Q' < 2^-126 counts as 0: evidence below the smallest bfloat16 vanishes, and gamma would jump.
//
// Without momentum and noise nothing is estimated: gamma stays lambda, and theta' = theta - lambda f.
#pragma once

#include "../layout.cuh"
#include "../real.cuh"
#include "../storage.cuh"

namespace nlar {

// The scalars of a step.
template <class T>
struct NlarScalars {
  T lambda;
  T mu;
  T sigma;
  T floor;  // Nlarsm: the lower clip; others: the magnitude below which a gradient becomes 0
  T q0;
  T kappa;  // the momentum's decay
  T eta;    // the weight of secants
};

// What an estimator makes of f and v.
template <class T>
struct Observed {
  T m;
  T sigma;  // the noise scale of this element: n = sigma epsilon
  T h;
  T wf;
};

// f of Nlarcm and Nlarpm: |f0| < floor ? 0 with the sign of f0 : f0.
template <class T>
__device__ __forceinline__ T flushed(const NlarScalars<T>& s, T f0) {
  return magnitude(f0) < s.floor ? withSign(T(0), f0) : f0;
}

// What Nlarcm and Nlarpm observe, where the noise scale of an element is r sigma.
template <class T>
__device__ __forceinline__ Observed<T> observedByRatio(const NlarScalars<T>& s, T r, T f, T v) {
  const T r2 = mul(r, r);
  const T m = mul(r2, s.kappa);
  const T wf = r2 == 1 ? f : div(f, r2);  // f / 1 = f: most elements need no division
  return {m, mul(r, s.sigma), add(magnitude(v), m), wf};
}

// kappa of step t.
__device__ __forceinline__ double kappa(u32 decay, double t) {
  return decay == DECAY_INVERSE        ? div(1.0, t)
         : decay == DECAY_INVERSE_SQRT ? div(1.0, root(t))
         : decay == DECAY_CONSTANT     ? 1.0
                                       : 0.0;
}

template <class T, template <class> class E, bool MOMENTUM, bool NOISY>
struct Nlar {
  static constexpr bool ESTIMATING = MOMENTUM || NOISY;
  static constexpr bool SECANTS = MOMENTUM && E<T>::OBSERVES_SECANTS;
  // v with momentum; D and A where anything is estimated; behind them f of the step before, for secants.
  static constexpr int SLOTS = SECANTS ? 4 : MOMENTUM ? 3 : ESTIMATING ? 2 : 0;
  static constexpr int V = 0;
  static constexpr int D = MOMENTUM ? 1 : 0;
  static constexpr int A = D + 1;
  static constexpr int PREVIOUS = A + 1;
  static constexpr bool SCALES_GRADIENT_BY_RATE = true;
  static constexpr bool DISTINGUISHES = ESTIMATING;
  static constexpr u32 KEEPS = KEEPS_NOTHING;
  using Scalars = NlarScalars<T>;

  // The numbers are lambda, mu, sigma, the floor and Q0, rounded to T already, the code of the decay, and eta.
  static __device__ __forceinline__ Scalars scalars(const double* numbers, double t, double) {
    return {rounded<T>(numbers[0]), rounded<T>(numbers[1]), rounded<T>(numbers[2]),
            rounded<T>(numbers[3]), rounded<T>(numbers[4]), rounded<T>(kappa(static_cast<u32>(numbers[5]), t)),
            rounded<T>(numbers[6])};
  }

  // Infinite where there is momentum and kappa is 0, or next to it: m is above 0 in ordinary elements, and so is h.
  static __device__ __forceinline__ T ordinaryAbove(const Scalars& s) {
    return MOMENTUM && !(s.kappa > T(0x1p-60)) ? T(INFINITY) : E<T>::ordinaryAbove(s);
  }

  static constexpr __device__ __forceinline__ u32 rounding(int slot) {
    return SECANTS && slot == PREVIOUS  ? ROUND_PREVIOUS
           : MOMENTUM && slot == V      ? ROUND_VELOCITY
           : slot == D                  ? ROUND_RATE
                                        : ROUND_WEIGHT;
  }

  template <bool ORDINARY, bool COMPACT>
  static __device__ __forceinline__ void update(const Scalars& s, T f0, T epsilon, T& theta, T* slots) {
    const T f = ORDINARY ? f0 : E<T>::limited(s, f0);
    if constexpr (!ESTIMATING) {
      theta = sub(theta, mul(s.lambda, f));
    } else {
      const T v = MOMENTUM ? slots[V] : T(0);
      const Observed<T> o = ORDINARY ? E<T>::ordinary(s, f, v) : E<T>::observed(s, f, v);
      if constexpr (SECANTS) {
        observeSecant<COMPACT>(s, f, v, slots);
      }
      const T n = mul(o.sigma, epsilon);
      const T gamma = add(E<T>::base(s), slots[D]);
      T p = 0;
      T u = n;
      if constexpr (MOMENTUM) {
        const T rho = ORDINARY || o.h > 0 ? div(mul(s.mu, o.m), mul(add(T(1), magnitude(gamma)), o.h)) : T(0);
        p = mul(rho, v);
        u = NOISY ? add(p, n) : p;
      }
      const T pull = mul(gamma, f);
      theta = add(theta, sub(u, pull));
      if constexpr (MOMENTUM) {
        slots[V] = sub(p, pull);
      }
      slots[A] = add(slots[A], mul(o.wf, f));
      const T q = add(s.q0, slots[A]);
      const bool informed = weighs<COMPACT>(q);
      if (ORDINARY) {
        const T d = sub(slots[D], div(mul(o.wf, u), q));
        slots[D] = informed ? d : slots[D];
      } else if (f != 0 && informed) {
        slots[D] = sub(slots[D], div(mul(o.wf, u), q));
      }
    }
  }

 private:
  // Whether Q' is evidence enough to divide by.
  template <bool COMPACT>
  static __device__ __forceinline__ bool weighs(T q) {
    return COMPACT ? !(q < T(0x1p-126)) : q != 0;
  }

  // What v and the change of f tell of gamma: D and A with it.
  template <bool COMPACT>
  static __device__ __forceinline__ void observeSecant(const Scalars& s, T f, T v, T* slots) {
    const T y = sub(f, slots[PREVIOUS]);
    slots[PREVIOUS] = f;
    if (mul(y, v) > 0) {
      const T z = mul(s.eta, y);
      const T rest = sub(v, mul(add(E<T>::base(s), slots[D]), y));
      slots[A] = add(slots[A], mul(z, y));
      const T q = add(s.q0, slots[A]);
      if (weighs<COMPACT>(q)) {
        slots[D] = add(slots[D], div(mul(z, rest), q));
      }
    }
  }
};

}  // namespace nlar

// The kernels of an estimator: form as in the kernel's name, rule.
#define NLAR_ESTIMATOR_KERNELS(QUIET, STATELESS, NOISY, T, E) \
  QUIET(momentum, nlar::Nlar<T, E, true, false>)              \
  NOISY(momentum, nlar::Nlar<T, E, true, true>)               \
  STATELESS(plain, nlar::Nlar<T, E, false, false>)            \
  NOISY(plain, nlar::Nlar<T, E, false, true>)
