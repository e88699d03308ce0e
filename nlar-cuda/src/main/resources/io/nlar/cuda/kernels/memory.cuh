// Four consecutive elements of a tensor, in 16-byte accesses where they lie on a 16-byte boundary.
//
// [streaming] A step touches every byte once, except the gradient, which the reduction has read before. So all of it is
// loaded and stored with the evict-first hint (.cs): it does not push the tail of the gradient out of the L2 cache
// before it is read the second time.
#pragma once

#include "layout.cuh"

namespace nlar {

template <class T>
struct Quad {
  T x[4];
};

__device__ __forceinline__ Quad<float> loadAligned(const float* p) {
  const float4 v = __ldcs(reinterpret_cast<const float4*>(p));
  return {v.x, v.y, v.z, v.w};
}

__device__ __forceinline__ Quad<double> loadAligned(const double* p) {
  const double2 a = __ldcs(reinterpret_cast<const double2*>(p));
  const double2 b = __ldcs(reinterpret_cast<const double2*>(p) + 1);
  return {a.x, a.y, b.x, b.y};
}

__device__ __forceinline__ void storeAligned(float* p, const Quad<float>& q) {
  __stcs(reinterpret_cast<float4*>(p), make_float4(q.x[0], q.x[1], q.x[2], q.x[3]));
}

__device__ __forceinline__ void storeAligned(double* p, const Quad<double>& q) {
  __stcs(reinterpret_cast<double2*>(p), make_double2(q.x[0], q.x[1]));
  __stcs(reinterpret_cast<double2*>(p) + 1, make_double2(q.x[2], q.x[3]));
}

// The first `present` of four elements at p; the others are 0.
template <class T>
__device__ __forceinline__ Quad<T> load(const T* p, u32 present, bool aligned) {
  if (present == 4 && aligned) {
    return loadAligned(p);
  }
  Quad<T> q = {};
#pragma unroll
  for (u32 j = 0; j < 4; j++) {
    if (j < present) {
      q.x[j] = __ldcs(p + j);
    }
  }
  return q;
}

// Stores the first `present` of four elements at p.
template <class T>
__device__ __forceinline__ void store(T* p, const Quad<T>& q, u32 present, bool aligned) {
  if (present == 4 && aligned) {
    storeAligned(p, q);
    return;
  }
#pragma unroll
  for (u32 j = 0; j < 4; j++) {
    if (j < present) {
      __stcs(p + j, q.x[j]);
    }
  }
}

}  // namespace nlar
