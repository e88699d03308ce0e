// The sum of squares of all gradients: one per tensor and one over all, in the fixed shape of docs/numerics.md, so that
// the same inputs give the same bits in every run and on every device.
//
// Shape. A block is 1024 consecutive elements as 32 rows of 32 lanes. Lane l adds its rows from first to last, starting
// at +0; then lanes l and l + 16 are added, l and l + 8, ... The sums of the blocks are the elements of the next level,
// until one value is left; the tensors' sums go through the same shape once more.
//
// Launch. A thread block takes one chunk (8 blocks), a warp two blocks of it that are half a chunk apart, so that all warps
// have one in tensors of 4 Ki; grid = number of chunks. There is no second launch: a chunk arrives at the node above its blocks once they
// are summed, and whoever completes the last input of an inner sum (an integer counter tells) computes it and goes on to the
// sum above. No floating-point atomics. One arrival a chunk: fences for each block would take half of the time. Thread blocks
// start in about the order of their numbers, so that the gradients at the end of the table are the last ones in the L2
// cache, where apply begins.
#include "layout.cuh"
#include "real.cuh"
#include "storage.cuh"
#include "sums.cuh"

namespace nlar {

constexpr u32 CHUNK_BLOCKS = CHUNK / SUM_BLOCK;

template <class T>
constexpr bool NARROW = sizeof(T) == sizeof(u16);

// How many thread blocks a multiprocessor shall hold at once: 24 or 32 warps with 4 KB on their way each, which are two
// blocks of 16-bit elements, one of floats, half of one of doubles.
template <class T>
constexpr u32 RESIDENT = NARROW<T> ? 6 : 8;

// A warp's block of a chunk.
template <class T>
struct Block {
  const T* elements;
  u32 count;
  bool present;  // block 0 is there even in an empty tensor, whose sum is +0
  u64 out;       // index of its sum

  __device__ __forceinline__ Block(const Tensor& tensor, u64 block) {
    const u64 length = tensor.gradient == nullptr ? 0 : tensor.length;
    const u64 first = block * SUM_BLOCK;
    const u64 rest = first < length ? length - first : 0;
    elements = static_cast<const T*>(tensor.gradient) + first;
    count = rest < SUM_BLOCK ? static_cast<u32>(rest) : SUM_BLOCK;
    present = block == 0 || rest > 0;
    out = tensor.partials + block;
  }

  // All 16-bit elements in words of two.
  __device__ __forceinline__ bool wide() const {
    return count == SUM_BLOCK && reinterpret_cast<u64>(elements) % sizeof(u32) == 0;
  }

  __device__ __forceinline__ void leave(const StepArguments& a, u32 lane, double sum) const {
    if (lane == 0) {
      a.sums[out] = sum;
    }
  }
};

// Sums the two blocks of a warp, as far as they are there.
template <class T>
__device__ __forceinline__ void sumBlocks(const StepArguments& a, const Tensor& tensor, u64 block, u32 lane) {
  if constexpr (NARROW<T>) {
    const Block<T> one(tensor, block);
    const Block<T> two(tensor, block + CHUNK_BLOCKS / 2);
    if (one.wide() && (two.wide() || !two.present)) {
      WideRows<T> first;
      WideRows<T> second;
      first.load(one.elements, lane);
      if (two.present) {
        second.load(two.elements, lane);
      }
      one.leave(a, lane, first.sum(lane));
      if (two.present) {
        two.leave(a, lane, second.sum(lane));
      }
      return;
    }
  }
#pragma unroll 1
  for (u64 each = block; each <= block + CHUNK_BLOCKS / 2; each += CHUNK_BLOCKS / 2) {
    const Block<T> any(tensor, each);
    if (!any.present) {
      return;
    }
    any.leave(a, lane, blockSum<Squares>(any.elements, any.count, lane));
  }
}

// Goes up from a node that has all its inputs, as far as it completes others; by a whole warp.
__device__ __forceinline__ void climb(const StepArguments& a, u32 number, u32 lane) {
  Node node = a.nodes[number];
  double sum = node.count > 1 ? 0 : __ldcg(a.sums + node.in);  // the sum of a single value is that value
  for (;;) {
    if (node.count > 1) {
      sum = blockSum<Inner>(a.sums + node.in, node.count, lane);
    }
    if (lane == 0) {
      a.sums[node.out] = sum;
    }
    number = node.parent;
    if (number == NO_NODE) {
      return;
    }
    node = a.nodes[number];
    if (node.count > 1 && !completes(a, number, node.count, lane)) {
      return;
    }
  }
}

template <class T>
__device__ __forceinline__ void squareSum(const StepArguments& a) {
  const u32 lane = threadIdx.x % LANES;
  const Chunk chunk = a.chunks[blockIdx.x];
  const Tensor& tensor = a.tensors[chunk.tensor];
  const u32 number = tensor.node + chunk.number / (SUM_BLOCK / CHUNK_BLOCKS);
  const u32 inputs = a.nodes[number].count;  // on its way while blocks are summed
  sumBlocks<T>(a, tensor, static_cast<u64>(chunk.number) * CHUNK_BLOCKS + threadIdx.x / LANES, lane);
  __syncthreads();
  if (threadIdx.x < LANES) {
    // The one block of a tensor arrives where tensors do, others with their chunk.
    const bool own = tensor.partials == 1 + static_cast<u64>(tensor.index);
    const u32 arrivals = own ? inputs : (inputs + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS;
    if (arrivals == 1 || completes(a, number, arrivals, lane)) {
      climb(a, number, lane);
    }
  }
}

}  // namespace nlar

#define NLAR_SQUARE_SUM(suffix, T)                                                    \
  extern "C" __global__ void __launch_bounds__(nlar::SUM_THREADS, nlar::RESIDENT<T>)    \
      nlar_square_sum_##suffix(const __grid_constant__ nlar::StepArguments a) {       \
    nlar::squareSum<T>(a);                                                            \
  }

NLAR_SQUARE_SUM(f32, float)
NLAR_SQUARE_SUM(f64, double)
NLAR_SQUARE_SUM(bf16, nlar::Bfloat16)
NLAR_SQUARE_SUM(f16, nlar::Float16)
