// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), mapped to uniform numbers on
// [-sqrt 3, sqrt 3] with mean 0 and variance 1.
#pragma once

#include "layout.cuh"
#include "memory.cuh"
#include "real.cuh"

namespace nlar {

// One word as a draw: ((word + 0.5) 2^-32 2 - 1) sqrt 3. All but the last product are exact in binary64.
template <class T>
__device__ __forceinline__ T uniform(u32 word) {
  const double fraction = mul(add(static_cast<double>(word), 0.5), 0x1p-32);
  return rounded<T>(mul(sub(mul(fraction, 2.0), 1.0), 0x1.bb67ae8584caap+0));
}

// The draws of N elements from `first`, a multiple of N, on in step t. Four elements share one run of the generator: of
// two packs of two each takes its half.
template <class T, u32 N>
__device__ __forceinline__ Elements<T, N> draw(u64 key, u64 first, u64 t) {
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
    return {uniform<T>(c0), uniform<T>(c1), uniform<T>(c2), uniform<T>(c3)};
  } else {
    const bool upper = first % 4 != 0;
    return {uniform<T>(upper ? c2 : c0), uniform<T>(upper ? c3 : c1)};
  }
}

}  // namespace nlar
