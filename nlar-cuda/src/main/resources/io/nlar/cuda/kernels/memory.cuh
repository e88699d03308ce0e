// Packs: 16 bytes of consecutive elements of a tensor (four floats, two doubles), in one access where they lie on a
// 16-byte boundary.
//
// [streaming] A step touches every byte once, except the gradient, which the reduction has read before. So all of it is
// loaded and stored with the evict-first hint (.cs): it does not push the tail of the gradient out of the L2 cache
// before it is read the second time.
#pragma once

#include "layout.cuh"

namespace nlar {

// Elements of a pack.
template <class T>
constexpr u32 WIDTH = 16 / sizeof(T);

template <class T>
struct Pack {
  T x[WIDTH<T>];
};

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

// The first `present` elements of a pack at p; the others are 0.
template <class T>
__device__ __forceinline__ Pack<T> load(const T* p, u32 present, bool aligned) {
  if (present == WIDTH<T> && aligned) {
    return loadAligned(p);
  }
  Pack<T> q = {};
#pragma unroll
  for (u32 j = 0; j < WIDTH<T>; j++) {
    if (j < present) {
      q.x[j] = __ldcs(p + j);
    }
  }
  return q;
}

// Stores the first `present` elements of a pack at p.
template <class T>
__device__ __forceinline__ void store(T* p, const Pack<T>& q, u32 present, bool aligned) {
  if (present == WIDTH<T> && aligned) {
    storeAligned(p, q);
    return;
  }
#pragma unroll
  for (u32 j = 0; j < WIDTH<T>; j++) {
    if (j < present) {
      __stcs(p + j, q.x[j]);
    }
  }
}

}  // namespace nlar
