// Storage: how elements lie in memory, and their way from there. A pack is 16 bytes of consecutive elements of a tensor
// (four floats, two doubles), in one access where they lie on a 16-byte boundary. What an element is kept as (S) and what
// it is computed in (T) are two things; one of them is made of the other between a load and the arithmetic, and back.
//
// [streaming] A step touches every byte once, except the gradient, which the reduction has read before. So all of it is
// loaded and stored with the evict-first hint (.cs): it does not push the tail of the gradient out of the L2 cache
// before it is read the second time.
#pragma once

#include "layout.cuh"
#include "real.cuh"

namespace nlar {

// Elements of a pack.
template <class S>
constexpr u32 WIDTH = WIDE / sizeof(S);

// N consecutive elements of a tensor, in registers.
template <class T, u32 N>
struct Elements {
  T x[N];
};

template <class S>
using Pack = Elements<S, WIDTH<S>>;

__device__ __forceinline__ Pack<float> loadAligned(const float* p) {
  const float4 v = __ldcs(reinterpret_cast<const float4*>(p));
  return {v.x, v.y, v.z, v.w};
}

__device__ __forceinline__ Pack<double> loadAligned(const double* p) {
  const double2 v = __ldcs(reinterpret_cast<const double2*>(p));
  return {v.x, v.y};
}

__device__ __forceinline__ void storeAligned(float* p, const Pack<float>& q) {
  __stcs(reinterpret_cast<float4*>(p), make_float4(q.x[0], q.x[1], q.x[2], q.x[3]));
}

__device__ __forceinline__ void storeAligned(double* p, const Pack<double>& q) {
  __stcs(reinterpret_cast<double2*>(p), make_double2(q.x[0], q.x[1]));
}

// An element as it is computed in; exact, where T is S or wider.
template <class T, class S>
__device__ __forceinline__ T opened(S x) {
  return static_cast<T>(x);
}

// An element as it is kept, rounded to nearest even.
template <class S, class T>
__device__ __forceinline__ S kept(T x) {
  return rounded<S>(x);
}

// The first `present` elements of a pack at p; the others are 0.
template <class S>
__device__ __forceinline__ Pack<S> load(const S* p, u32 present, bool aligned) {
  if (present == WIDTH<S> && aligned) {
    return loadAligned(p);
  }
  Pack<S> q = {};
#pragma unroll
  for (u32 j = 0; j < WIDTH<S>; j++) {
    if (j < present) {
      q.x[j] = __ldcs(p + j);
    }
  }
  return q;
}

// Stores the first `present` elements of a pack at p.
template <class S>
__device__ __forceinline__ void store(S* p, const Pack<S>& q, u32 present, bool aligned) {
  if (present == WIDTH<S> && aligned) {
    storeAligned(p, q);
    return;
  }
#pragma unroll
  for (u32 j = 0; j < WIDTH<S>; j++) {
    if (j < present) {
      __stcs(p + j, q.x[j]);
    }
  }
}

}  // namespace nlar
