// Nlarbb: Nlarcm that observes secants too, where there is momentum and the curvature is positive.
//
//   y = f - f of the step before
//   y v > 0:  z = eta y,   A* = A + z y,   Q* = Q0 + A*,   D* = Q* != 0 ? D + (z (v - gamma y)) / Q* : D
#pragma once

#include "nlarcm.cuh"

namespace nlar {

template <class T>
struct Nlarbb : Nlarcm<T> {
  static constexpr bool OBSERVES_SECANTS = true;
};

}  // namespace nlar

#undef NLAR_KERNELS
#define NLAR_KERNELS(QUIET, STATELESS, NOISY, T) NLAR_ESTIMATOR_KERNELS(QUIET, STATELESS, NOISY, T, nlar::Nlarbb)
