// The sum of squares of all gradients: one per tensor and one over all, in the fixed shape of docs/numerics.md, so that
// the same inputs give the same bits in every run and on every device.
//
// Shape. A block is 1024 consecutive elements as 32 rows of 32 lanes. Lane l adds its rows from first to last, starting
// at +0; then lanes l and l + 16 are added, l and l + 8, ... The sums of the blocks are the elements of the next level,
// until one value is left; the tensors' sums go through the same shape once more.
//
// Launch. One warp sums one block, a thread block of 128 threads takes one chunk (4 blocks); grid = number of chunks.
// There is no second launch: whoever completes the last input of an inner sum (an integer counter tells) computes it
// and goes on to the sum above. No floating-point atomics. Thread blocks start in about the order of their numbers, so
// that the gradients at the end of the table are the last ones in the L2 cache, where apply begins.
#include "layout.cuh"
#include "real.cuh"
#include "storage.cuh"

namespace nlar {

// Loads in flight per thread: all rows of a block, half of them of doubles (128 bytes).
template <class T>
constexpr u32 ROWS_AT_ONCE = sizeof(T) == sizeof(double) ? SUM_BLOCK / LANES / 2 : SUM_BLOCK / LANES;

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
#pragma unroll
  for (u32 distance = LANES / 2; distance > 0; distance /= 2) {
    sum = add(sum, __shfl_down_sync(ALL_LANES, sum, distance));
  }
  return sum;
}

// Arrival of an input of a node, which lane 0 has left in the sums. True, in the whole warp, for the last one: the node
// has all its inputs now.
__device__ __forceinline__ bool completes(const StepArguments& a, u32 node, u32 count, u32 lane) {
  u32 complete = 0;
  if (lane == 0) {
    __threadfence();  // the sum is visible before its arrival is
    complete = atomicInc(a.nodeArrivals + node, count - 1) == count - 1;
    __threadfence();  // the others' sums are read after their arrivals
  }
  __syncwarp();
  return __shfl_sync(ALL_LANES, complete, 0);
}

template <class T>
__device__ __forceinline__ void squareSum(const StepArguments& a) {
  const Chunk chunk = a.chunks[blockIdx.x];
  const Tensor& tensor = a.tensors[chunk.tensor];
  const u64 length = tensor.gradient == nullptr ? 0 : tensor.length;
  const u32 lane = threadIdx.x % LANES;
  const u64 block = static_cast<u64>(chunk.number) * (CHUNK / SUM_BLOCK) + threadIdx.x / LANES;
  const u64 first = block * SUM_BLOCK;
  if (block > 0 && first >= length) {
    return;  // the whole warp; block 0 is there even in an empty tensor, whose sum is +0
  }
  const u64 rest = length - first;
  const u32 count = rest < SUM_BLOCK ? static_cast<u32>(rest) : SUM_BLOCK;
  u64 out = tensor.partials + block;
  u32 number = tensor.node + static_cast<u32>(block / SUM_BLOCK);
  Node node = a.nodes[number];  // on its way while the block is summed
  double sum = blockSum<Squares>(static_cast<const T*>(tensor.gradient) + first, count, lane);
  for (;;) {
    if (lane == 0) {
      a.sums[out] = sum;
    }
    if (number == NO_NODE) {
      return;
    }
    if (node.count > 1) {  // the sum of a single value is that value
      if (!completes(a, number, node.count, lane)) {
        return;
      }
      sum = blockSum<Inner>(a.sums + node.in, node.count, lane);
    }
    out = node.out;
    number = node.parent;
    if (number != NO_NODE) {
      node = a.nodes[number];
    }
  }
}

}  // namespace nlar

#define NLAR_SQUARE_SUM(suffix, T)                                 \
  extern "C" __global__ void __launch_bounds__(nlar::SUM_THREADS)  \
      nlar_square_sum_##suffix(const __grid_constant__ nlar::StepArguments a) { \
    nlar::squareSum<T>(a);                                         \
  }

NLAR_SQUARE_SUM(f32, float)
NLAR_SQUARE_SUM(f64, double)
NLAR_SQUARE_SUM(bf16, nlar::Bfloat16)
NLAR_SQUARE_SUM(f16, nlar::Float16)
