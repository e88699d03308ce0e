// A sum of one block in the fixed shape of docs/numerics.md, by a warp, and the arrivals of sums at the nodes above.
#pragma once

#include "layout.cuh"
#include "real.cuh"
#include "storage.cuh"

namespace nlar {

// Loads in flight per thread: all rows of a block, half of them of doubles (128 bytes), and of what seldom goes this way.
template <class T>
constexpr u32 ROWS_AT_ONCE = sizeof(T) == sizeof(float) ? SUM_BLOCK / LANES : SUM_BLOCK / LANES / 2;

// An element's way past the L1 cache: what is in memory, and the number, whose sign is no matter.
template <class T>
struct Fetched {
  using Word = T;
  static __device__ __forceinline__ T number(T x) { return x; }
};
template <>
struct Fetched<Bfloat16> {
  using Word = u16;
  static __device__ __forceinline__ float number(u16 x) { return opened(Pair<Bfloat16>{x}).x[0]; }
};
template <>
struct Fetched<Float16> {
  using Word = u16;
  static __device__ __forceinline__ float number(u16 x) { return widened(0, x << 13 & 0x0FFFE000u); }
};

// x^2 added to a sum. The square of a float is exact in binary64, so that one FMA gives the same bits; this matters on
// GPUs with few binary64 units. The square of a double is not.
struct Squares {
  static __device__ __forceinline__ double accumulate(double sum, float x) {
    return __fma_rn(static_cast<double>(x), static_cast<double>(x), sum);
  }
  static __device__ __forceinline__ double accumulate(double sum, double x) { return add(sum, mul(x, x)); }
};

// Sums of sums.
struct Inner {
  static __device__ __forceinline__ double accumulate(double sum, double x) { return add(sum, x); }
};

// A row of lanes, added pairwise; valid in lane 0.
__device__ __forceinline__ double folded(double sum) {
#pragma unroll
  for (u32 distance = LANES / 2; distance > 0; distance /= 2) {
    sum = add(sum, __shfl_down_sync(ALL_LANES, sum, distance));
  }
  return sum;
}

// The sum of one block of `count` elements, by one warp; valid in lane 0. Absent elements count as +0, which changes no
// bit of a sum that started at +0. Loads pass the L1 cache by: it need not hold what is read once, and does not know the
// sums that other thread blocks have left.
template <class Kind, class T>
__device__ __forceinline__ double blockSum(const T* elements, u32 count, u32 lane) {
  using Word = typename Fetched<T>::Word;
  const Word* const words = reinterpret_cast<const Word*>(elements);
  double sum = 0;
  for (u32 row = 0; row < SUM_BLOCK / LANES && row * LANES < count; row += ROWS_AT_ONCE<T>) {
    Word x[ROWS_AT_ONCE<T>];
    const u32 start = row * LANES + lane;
    if (row + ROWS_AT_ONCE<T> <= count / LANES) {  // without conditions between them, all loads start at once
#pragma unroll
      for (u32 j = 0; j < ROWS_AT_ONCE<T>; j++) {
        x[j] = __ldcg(words + start + j * LANES);
      }
    } else {
#pragma unroll
      for (u32 j = 0; j < ROWS_AT_ONCE<T>; j++) {
        x[j] = start + j * LANES < count ? __ldcg(words + start + j * LANES) : Word(0);
      }
    }
#pragma unroll
    for (u32 j = 0; j < ROWS_AT_ONCE<T>; j++) {
      sum = Kind::accumulate(sum, Fetched<T>::number(x[j]));
    }
  }
  return folded(sum);
}

// A full block of 16-bit elements in words of two. Lane l of a row finds its element in another lane's word.
template <class T>
struct WideRows {
  static constexpr u32 WORDS = SUM_BLOCK / LANES / 2;
  u32 words[WORDS];

  __device__ __forceinline__ void load(const T* elements, u32 lane) {
#pragma unroll
    for (u32 i = 0; i < WORDS; i++) {
      words[i] = __ldcg(reinterpret_cast<const u32*>(elements) + i * LANES + lane);
    }
  }

  // As blockSum.
  __device__ __forceinline__ double sum(u32 lane) const {
    double sum = 0;
#pragma unroll
    for (u32 i = 0; i < WORDS; i++) {
#pragma unroll
      for (u32 half = 0; half < 2; half++) {
        const u32 word = __shfl_sync(ALL_LANES, words[i], half * (LANES / 2) + lane / 2);
        const u16 element = static_cast<u16>(lane % 2 == 0 ? word : word >> 16);
        sum = Squares::accumulate(sum, Fetched<T>::number(element));
      }
    }
    return folded(sum);
  }
};

// Orders what comes before it before what comes after it, for threads of all thread blocks: stands in front of an atomic
// operation that publishes, and behind one that finds what others have published.
__device__ __forceinline__ void fence() {
#ifdef __CUDACC__
  asm volatile("fence.acq_rel.gpu;" ::: "memory");  // cheaper than __threadfence(), which is sequentially consistent
#endif
}

// Arrival of an input of a node, which lane 0 has left in the sums. True, in the whole warp, for the last one: the node
// has all its inputs now.
__device__ __forceinline__ bool completes(const StepArguments& a, u32 node, u32 count, u32 lane) {
  u32 complete = 0;
  if (lane == 0) {
    fence();  // the sum is visible before its arrival is
    complete = atomicInc(a.nodeArrivals + node, count - 1) == count - 1;
    if (complete) {
      fence();  // the others' sums are read after their arrivals
    }
  }
  __syncwarp();
  return __shfl_sync(ALL_LANES, complete, 0);
}

}  // namespace nlar
