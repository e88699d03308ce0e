// What is done to every element in front of its rule: the gradient is scaled, and the value decays. The scalars are
// derived on the device from the sums of squares and the control block: nothing goes to the host, and a captured graph
// sees what lies there when it is replayed. A rule derives its own scalars alike.
//
// Every scalar is computed in binary64 from the unrounded settings, in the order written, and rounded to T once, as
// io.nlar.spi.GroupPlan does on the host.
#pragma once

#include "layout.cuh"
#include "real.cuh"

namespace nlar {

// What all groups of a step share.
struct StepNumbers {
  double gradientScale;  // s
  double rateFactor;     // k
  double t;              // of this step, if it is applied
  bool skip;             // the sum of squares is not finite
};

__device__ __forceinline__ StepNumbers stepNumbers(const StepArguments& a) {
  const bool given = a.flags & SCALARS_GIVEN;
  StepNumbers step;
  step.gradientScale = given ? a.gradientScale : a.control[GRADIENT_SCALE];
  step.rateFactor = given ? a.rateFactor : a.control[RATE_FACTOR];
  step.t = add(a.control[APPLIED], 1.0);
  step.skip = (a.flags & REDUCED) && !finite(a.sums[0]);
  return step;
}

// The scalars of one tensor, in T.
template <class T>
struct Scalars {
  T coefficient;  // c; s where the scaling limits, by a formula of its own
  T bound;        // b
  T rateFactor;   // k, as far as it is a factor of the gradient
  T weightDecay;  // delta lambda k
  bool limits;
  bool soft;
  bool decays;
};

// c for the sum of squares S in the scaling's scope; N = s sqrt S:
//   global and tensor norm   N > b ? (k s)(b / N) : k s
//   normalised               (k s)(b / N) or (k s)(b / (N N)), at most the largest finite T; N = 0 or k s = 0: k s
//   none                     k s
template <class T>
__device__ __forceinline__ double coefficient(u32 scaling, double b, double sumOfSquares, double s, double k) {
  const double unscaled = mul(k, s);
  if (scaling == SCALING_NONE) {
    return unscaled;
  }
  const double norm = mul(s, root(sumOfSquares));
  if (scaling == SCALING_GLOBAL_NORM || scaling == SCALING_TENSOR_NORM) {
    return norm > b ? mul(unscaled, div(b, norm)) : unscaled;
  }
  if (norm == 0 || unscaled == 0) {
    return unscaled;
  }
  const double c = mul(unscaled, div(b, scaling == SCALING_NORMALISED ? norm : mul(norm, norm)));
  return c > largest<T>() ? largest<T>() : c;
}

// k: 1 where the rule takes the rate factor elsewhere.
template <class T>
__device__ __forceinline__ Scalars<T> scalars(
    const StepArguments& a, const StepNumbers& step, const Tensor& tensor, const Group& group, double k) {
  const double scope = group.scaling == SCALING_TENSOR_NORM ? a.sums[1 + tensor.index] : a.sums[0];
  Scalars<T> r;
  r.soft = group.scaling == SCALING_SOFT;
  r.limits = r.soft || group.scaling == SCALING_VALUE;
  r.coefficient = rounded<T>(
      r.limits ? step.gradientScale : coefficient<T>(group.scaling, group.bound, scope, step.gradientScale, k));
  r.bound = rounded<T>(group.bound);
  r.rateFactor = rounded<T>(k);
  r.weightDecay = rounded<T>(mul(group.decayRate, step.rateFactor));
  r.decays = group.decays != 0;
  return r;
}

// f0 where the scaling limits: of x, the gradient times s.
template <class T>
__device__ __forceinline__ T limited(const Scalars<T>& s, T x) {
  const T y = s.soft ? mul(s.bound, div(x, add(s.bound, magnitude(x))))
                     : x < -s.bound ? -s.bound : x > s.bound ? s.bound : x;
  return mul(y, s.rateFactor);
}

// What stands in the value's place where only its update is wanted: what weight decay takes, from a zero that adds nothing.
template <class T>
__device__ __forceinline__ T onlyDecay(T theta, T weightDecay) {
  return mul(theta, -weightDecay);
}

// The value after decoupled weight decay, where there is one.
template <class T>
__device__ __forceinline__ T decayed(T theta, T weightDecay) {
  return sub(theta, mul(theta, weightDecay));
}

}  // namespace nlar
