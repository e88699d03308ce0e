// The way between memory and registers. A pack is as many consecutive elements of a tensor as make 16 bytes of the
// narrowest thing that is kept of them (four floats, two doubles, eight of 16 bits): one access where they lie on a 16-byte
// boundary, two for eight floats beside what is narrow.
//
// [streaming] A step touches every byte once, except the gradient, which the reduction has read before. So all of it is
// loaded and stored with the evict-first hint (.cs): it does not push the tail of the gradient out of the L2 cache
// before it is read the second time.
#pragma once

#include "layout.cuh"
#include "storage.cuh"

namespace nlar {

// A 16-byte access of what S is, and what it holds.
template <class S>
struct Access {
  using Type = uint4;
  static __device__ __forceinline__ void spread(uint4 v, Pair<S>* p) {
    p[0] = {v.x};
    p[1] = {v.y};
    p[2] = {v.z};
    p[3] = {v.w};
  }
  static __device__ __forceinline__ uint4 joined(const Pair<S>* p) {
    return make_uint4(p[0].word, p[1].word, p[2].word, p[3].word);
  }
};
template <>
struct Access<float> {
  using Type = float4;
  static __device__ __forceinline__ void spread(float4 v, Pair<float>* p) {
    p[0] = {v.x, v.y};
    p[1] = {v.z, v.w};
  }
  static __device__ __forceinline__ float4 joined(const Pair<float>* p) {
    return make_float4(p[0].x[0], p[0].x[1], p[1].x[0], p[1].x[1]);
  }
};
template <>
struct Access<double> {
  using Type = double2;
  static __device__ __forceinline__ void spread(double2 v, Pair<double>* p) { p[0] = {v.x, v.y}; }
  static __device__ __forceinline__ double2 joined(const Pair<double>* p) { return make_double2(p[0].x[0], p[0].x[1]); }
};

template <u32 N, class S>
__device__ __forceinline__ void loadAligned(const S* p, Pack<S, N>& q) {
  using Type = typename Access<S>::Type;
#pragma unroll
  for (u32 i = 0; i < N * sizeof(S) / WIDE; i++) {
    Access<S>::spread(__ldcs(reinterpret_cast<const Type*>(p) + i), q.pairs + i * (WIDE / sizeof(S) / 2));
  }
}

template <u32 N, class S>
__device__ __forceinline__ void storeAligned(S* p, const Pack<S, N>& q) {
  using Type = typename Access<S>::Type;
#pragma unroll
  for (u32 i = 0; i < N * sizeof(S) / WIDE; i++) {
    __stcs(reinterpret_cast<Type*>(p) + i, Access<S>::joined(q.pairs + i * (WIDE / sizeof(S) / 2)));
  }
}

// The first one or two of two elements at p; the other is 0.
template <class S>
__device__ __forceinline__ void load(const S* p, u32 present, Pair<S>& q) {
  if constexpr (sizeof(S) == sizeof(u16)) {
    const u16* const halves = reinterpret_cast<const u16*>(p);
    q.word = __ldcs(halves);
    if (present > 1) {
      q.word |= static_cast<u32>(__ldcs(halves + 1)) << 16;
    }
  } else {
    q.x[0] = __ldcs(p);
    q.x[1] = present > 1 ? __ldcs(p + 1) : S(0);
  }
}

// Stores the first one or two of two elements at p.
template <class S>
__device__ __forceinline__ void store(S* p, u32 present, const Pair<S>& q) {
  if constexpr (sizeof(S) == sizeof(u16)) {
    u16* const halves = reinterpret_cast<u16*>(p);
    __stcs(halves, static_cast<u16>(q.word));
    if (present > 1) {
      __stcs(halves + 1, static_cast<u16>(q.word >> 16));
    }
  } else {
    __stcs(p, q.x[0]);
    if (present > 1) {
      __stcs(p + 1, q.x[1]);
    }
  }
}

// The first `present` elements of a pack at p; the others are 0.
template <u32 N, class S>
__device__ __forceinline__ void load(const S* p, u32 present, bool aligned, Pack<S, N>& q) {
  if (present == N && aligned) {
    loadAligned(p, q);
    return;
  }
  q = {};
#pragma unroll
  for (u32 j = 0; j < N; j++) {
    if (j < present) {
      q.pairs[j / 2].x[j % 2] = __ldcs(p + j);
    }
  }
}

// Stores the first `present` elements of a pack at p.
template <u32 N, class S>
__device__ __forceinline__ void store(S* p, const Pack<S, N>& q, u32 present, bool aligned) {
  if (present == N && aligned) {
    storeAligned(p, q);
    return;
  }
#pragma unroll
  for (u32 j = 0; j < N; j++) {
    if (j < present) {
      __stcs(p + j, q.pairs[j / 2].x[j % 2]);
    }
  }
}

// Sets `count` elements at p to 0, by all threads of a thread block.
template <class S>
__device__ __forceinline__ void clear(S* p, int count) {
#pragma unroll 1
  for (int i = threadIdx.x; i < count; i += APPLY_THREADS) {
    __stcs(p + i, S(0));
  }
}

}  // namespace nlar
