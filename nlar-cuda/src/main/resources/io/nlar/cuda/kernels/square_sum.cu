// The sum of squares of all gradients: one per tensor and one over all, in the fixed shape of docs/numerics.md, so that
// the same inputs give the same bits in every run and on every device.
//
// Shape. A block is 1024 consecutive elements as 32 rows of 32 lanes. Lane l adds its rows from first to last, starting
// at +0; then lanes l and l + 16 are added, l and l + 8, ... The sums of the blocks are the elements of the next level,
// until one value is left; the tensors' sums go through the same shape once more.
//
// Launch. A thread block of 128 threads takes 2^joining chunks one after the other, one warp a block of each; grid = number of
// chunks >> joining, rounded up. There is no second launch: a chunk arrives at the node above its blocks once they are
// summed, and whoever completes the last input of an inner sum (an integer counter tells) computes it and goes on to the sum
// above. No floating-point atomics. All chunks of a thread block arrive at once, each by a lane of the first warp, behind one
// fence: a fence for each block would take half of the time. Thread blocks start in about the order of their numbers, so
// that the gradients at the end of the table are the last ones in the L2 cache, where apply begins.
#include "layout.cuh"
#include "real.cuh"
#include "storage.cuh"
#include "sums.cuh"

namespace nlar {

constexpr u32 CHUNK_BLOCKS = CHUNK / SUM_BLOCK;

// Thread blocks that a multiprocessor shall hold at once: 32 warps with 4 KB on their way each.
constexpr u32 SUM_RESIDENT = 1024 / SUM_THREADS;

// A warp's block of a chunk.
template <class T>
struct Block {
  const T* elements;
  u32 count;
  bool present;
  u64 out;  // index of its sum

  __device__ __forceinline__ Block(const StepArguments& a, u32 chunkIndex, u32 end) : elements(), count(), present(), out() {
    if (chunkIndex < end) {
      const Chunk chunk = a.chunks[chunkIndex];
      const Tensor& tensor = a.tensors[chunk.tensor];
      const u64 block = static_cast<u64>(chunk.number) * CHUNK_BLOCKS + threadIdx.x / LANES;
      const u64 length = tensor.gradient == nullptr ? 0 : tensor.length;
      const u64 first = block * SUM_BLOCK;
      present = block == 0 || first < length;  // block 0 is there even in an empty tensor, whose sum is +0
      const u64 rest = first < length ? length - first : 0;
      count = rest < SUM_BLOCK ? static_cast<u32>(rest) : SUM_BLOCK;
      elements = static_cast<const T*>(tensor.gradient) + first;
      out = tensor.partials + block;
    }
  }

  __device__ __forceinline__ void leave(const StepArguments& a, u32 lane, double sum) const {
    if (lane == 0 && present) {
      a.sums[out] = sum;
    }
  }
};

// Sums the thread block's blocks of the chunks from `begin` to `end`.
template <class T>
__device__ __forceinline__ void sumChunks(const StepArguments& a, u32 begin, u32 end, u32 lane) {
  if constexpr (sizeof(T) == sizeof(u16)) {
    // Two at a time: as many bytes are on their way as with floats.
#pragma unroll 1
    for (u32 i = begin; i < end; i += 2) {
      const Block<T> one(a, i, end);
      const Block<T> two(a, i + 1, end);
      if (WideRows<T>::wide(one.elements, one.count) && (!two.present || WideRows<T>::wide(two.elements, two.count))) {
        WideRows<T> first;
        WideRows<T> second;
        first.load(one.elements, lane);
        second.load(two.present ? two.elements : one.elements, lane);
        one.leave(a, lane, first.sum(lane));
        two.leave(a, lane, second.sum(lane));
      } else {
#pragma unroll 1
        for (u32 j = i; j < i + 2; j++) {
          const Block<T> block(a, j, end);
          block.leave(a, lane, blockSum<Squares>(block.elements, block.count, lane));
        }
      }
    }
  } else {
    Block<T> block(a, begin, end);
#pragma unroll 1
    for (u32 i = begin; i < end; i++) {
      const Block<T> next(a, i + 1, end);  // on its way while this one is summed
      block.leave(a, lane, blockSum<Squares>(block.elements, block.count, lane));
      block = next;
    }
  }
}

// Goes up from a node that has all its inputs, as far as it completes others; by a whole warp.
__device__ __forceinline__ void climb(const StepArguments& a, u32 number, u32 lane) {
  Node node = a.nodes[number];
  for (;;) {
    // The sum of a single value is that value.
    const double sum = node.count > 1 ? blockSum<Inner>(a.sums + node.in, node.count, lane) : __ldcg(a.sums + node.in);
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
    __syncwarp();
  }
}

template <class T>
__device__ __forceinline__ void squareSum(const StepArguments& a) {
  const u32 lane = threadIdx.x % LANES;
  const u32 begin = blockIdx.x << a.joining;
  const u32 count = a.chunkCount - begin < 1u << a.joining ? a.chunkCount - begin : 1u << a.joining;
  sumChunks<T>(a, begin, begin + count, lane);
  __syncthreads();
  if (threadIdx.x >= LANES) {
    return;
  }
  u32 number = 0;
  bool complete = false;
  if (lane < count) {
    const Chunk chunk = a.chunks[begin + lane];
    number = a.tensors[chunk.tensor].node + chunk.number / (SUM_BLOCK / CHUNK_BLOCKS);
    const u32 chunks = (a.nodes[number].count + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS;
    complete = chunks == 1;
    if (!complete) {
      fence();  // the sums are visible before their arrival is
      complete = atomicInc(a.nodeArrivals + number, chunks - 1) == chunks - 1;
    }
    if (complete) {
      fence();  // the others' sums are read after their arrivals
    }
  }
  for (u32 i = 0; i < count; i++) {
    if (__shfl_sync(ALL_LANES, complete, i)) {
      climb(a, __shfl_sync(ALL_LANES, number, i), lane);
    }
  }
}

}  // namespace nlar

#define NLAR_SQUARE_SUM(suffix, T)                                 \
  extern "C" __global__ void __launch_bounds__(nlar::SUM_THREADS, nlar::SUM_RESIDENT)  \
      nlar_square_sum_##suffix(const __grid_constant__ nlar::StepArguments a) { \
    nlar::squareSum<T>(a);                                         \
  }

NLAR_SQUARE_SUM(f32, float)
NLAR_SQUARE_SUM(f64, double)
NLAR_SQUARE_SUM(bf16, nlar::Bfloat16)
NLAR_SQUARE_SUM(f16, nlar::Float16)
