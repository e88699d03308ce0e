// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), each word mapped to a number of
// mean 0 and variance 1.
#pragma once

#include "layout.cuh"
#include "memory.cuh"
#include "quantiles.cuh"
#include "real.cuh"

namespace nlar {

// One word as a number U between -1 and 1, exact in binary64.
__device__ __forceinline__ double between(u32 word) {
  const double fraction = mul(add(static_cast<double>(word), 0.5), 0x1p-32);
  return sub(mul(fraction, 2.0), 1.0);
}

// Draws of words. Any but uniform ones are made one after the other by the same code, which is long.
template <class T, u32 N>
__device__ __forceinline__ Elements<T, N> drawn(u32 distribution, Elements<u32, N> words) {
  Elements<T, N> draws;
  if (distribution == DISTRIBUTION_UNIFORM) {
#pragma unroll
    for (u32 j = 0; j < N; j++) {
      draws.x[j] = rounded<T>(mul(between(words.x[j]), 0x1.bb67ae8584caap+0));
    }
    return draws;
  }
#pragma unroll 1
  for (u32 i = 0; i < N; i++) {
    const T draw = rounded<T>(quantile(distribution, between(words.x[0])));
    // They turn in the registers.
#pragma unroll
    for (u32 j = 0; j + 1 < N; j++) {
      words.x[j] = words.x[j + 1];
      draws.x[j] = draws.x[j + 1];
    }
    draws.x[N - 1] = draw;
  }
  return draws;
}

// The draws of N elements from `first`, a multiple of N, on in step t. Four elements share one run of the generator: of
// two packs of two each takes its half.
template <class T, u32 N>
__device__ __forceinline__ Elements<T, N> draw(u32 distribution, u64 key, u64 first, u64 t) {
  const u64 quad = first / 4;
  u32 c0 = static_cast<u32>(quad);
  u32 c1 = static_cast<u32>(quad >> 32);
  u32 c2 = static_cast<u32>(t);
  u32 c3 = static_cast<u32>(t >> 32);
  u32 k0 = static_cast<u32>(key);
  u32 k1 = static_cast<u32>(key >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const u64 p0 = static_cast<u64>(0xD2511F53u) * c0;
    const u64 p1 = static_cast<u64>(0xCD9E8D57u) * c2;
    c0 = static_cast<u32>(p1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<u32>(p1);
    c2 = static_cast<u32>(p0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<u32>(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  static_assert(N == 2 || N == 4);
  if constexpr (N == 4) {
    return drawn<T, 4>(distribution, {c0, c1, c2, c3});
  } else {
    const bool upper = first % 4 != 0;
    return drawn<T, 2>(distribution, {upper ? c2 : c0, upper ? c3 : c1});
  }
}

}  // namespace nlar
