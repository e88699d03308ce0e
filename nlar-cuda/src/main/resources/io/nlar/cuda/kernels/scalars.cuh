// The scalars of a step, derived on the device from the sums of squares and the control block: nothing goes to the
// host, and a captured graph sees what lies there when it is replayed.
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
  T learningRate;   // lambda
  T momentum;       // mu
  T noiseScale;     // sigma
  T floor;          // see Group
  T initialWeight;  // Q0
  T bound;          // b
  T gradientScale;  // s
  T rateFactor;     // k
  T coefficient;    // c
  T decay;          // kappa
  T weightDecay;    // delta lambda k
  u32 scaling;
  u32 decays;
};

// c for the sum of squares S in the scaling's scope; N = s sqrt S:
//   global and tensor norm   N > b ? (k s)(b / N) : k s
//   normalised               (k s)(b / N) or (k s)(b / (N N)), at most the largest finite T; N = 0 or k s = 0: k s
//   none                     k s
template <class T>
__device__ __forceinline__ double coefficient(u32 scaling, double b, double sumOfSquares, double s, double k) {
  const double unscaled = mul(k, s);
  if (scaling == UNSCALED || scaling == VALUE || scaling == SOFT) {
    return unscaled;
  }
  const double norm = mul(s, root(sumOfSquares));
  if (scaling == GLOBAL_NORM || scaling == TENSOR_NORM) {
    return norm > b ? mul(unscaled, div(b, norm)) : unscaled;
  }
  if (norm == 0 || unscaled == 0) {
    return unscaled;
  }
  const double c = mul(unscaled, div(b, scaling == NORMALISED_1 ? norm : mul(norm, norm)));
  return c > largest<T>() ? largest<T>() : c;
}

// kappa of step t.
__device__ __forceinline__ double decay(u32 kind, double t) {
  return kind == INVERSE ? div(1.0, t) : kind == INVERSE_SQRT ? div(1.0, root(t)) : 1.0;
}

template <class T>
__device__ __forceinline__ Scalars<T> scalars(const StepArguments& a, const StepNumbers& step, const Tensor& tensor) {
  const Group& group = a.groups[tensor.group];
  const double scope = group.scaling == TENSOR_NORM ? a.sums[1 + tensor.index] : a.sums[0];
  Scalars<T> r;
  r.learningRate = rounded<T>(group.learningRate);
  r.momentum = rounded<T>(group.momentum);
  r.noiseScale = rounded<T>(group.noiseScale);
  r.floor = rounded<T>(group.floor);
  r.initialWeight = rounded<T>(group.initialWeight);
  r.bound = rounded<T>(group.bound);
  r.gradientScale = rounded<T>(step.gradientScale);
  r.rateFactor = rounded<T>(step.rateFactor);
  r.coefficient =
      rounded<T>(coefficient<T>(group.scaling, group.bound, scope, step.gradientScale, step.rateFactor));
  r.decay = rounded<T>(decay(group.decay, step.t));
  r.weightDecay = rounded<T>(mul(group.decayRate, step.rateFactor));
  r.scaling = group.scaling;
  r.decays = group.decays;
  return r;
}

}  // namespace nlar
