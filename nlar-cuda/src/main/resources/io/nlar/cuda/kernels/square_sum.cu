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
#include "sums.cuh"

namespace nlar {

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
