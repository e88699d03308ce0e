// The fused update: one read of gradient, value and state, one write of value and state.
//
// Launch. A thread block of 256 threads takes one chunk of 4096 elements, a thread one pack of 16 bytes at a time; grid
// = number of chunks of this variant. Where these are too few to fill a GPU, 2 or 4 thread blocks share a chunk. A
// launch without chunks still has one thread block where it has to close the step. Chunks are taken from the last to the
// first: the reduction has just read the gradients in the other direction, so that their tail is still in the L2 cache.
//
// Variants. NLAR_TYPE, NLAR_ESTIMATOR and NLAR_SUFFIX come from the compiler's command line: one module for each pair
// of element type and estimator, which is loaded when it is needed. Momentum and noise are template arguments within
// it. Numbers, kind of scaling and kind of decay are read from a table: groups that differ only there share a launch.
#include "element.cuh"
#include "finish.cuh"
#include "layout.cuh"
#include "memory.cuh"
#include "philox.cuh"
#include "scalars.cuh"

namespace nlar {

constexpr u32 APPLY_THREADS = 256;

// Thread blocks that a multiprocessor shall hold at once: bounds the registers at 80 (float) and 128 (double) a thread,
// so that none are spilled. 24 warps with five 16-byte loads in flight each are 60 KB, 16 warps 40 KB; the memory's
// latency takes about 36 KB (4.8 TB/s over 132 multiprocessors and a microsecond).
template <class T>
constexpr u32 RESIDENT_BLOCKS = sizeof(T) == 4 ? 3 : 2;

template <class T>
struct Shared {
  StepNumbers step;
  Scalars<T> scalars;
};

// A pack of everything that an update reads.
template <class T>
struct Operands {
  Pack<T> gradient;
  Pack<T> value;
  Pack<T> velocity;
  Pack<T> rate;
  Pack<T> weight;
  Pack<T> noise;
};

// How many elements of the pack from `first` on the tensor has.
template <class T>
__device__ __forceinline__ u32 presentFrom(const Tensor& tensor, u64 first) {
  const u64 rest = tensor.length - first;
  return rest < WIDTH<T> ? static_cast<u32>(rest) : WIDTH<T>;
}

// Issues the loads of the pack from `first` on.
template <class T, bool MOMENTUM, Noise NOISE>
__device__ __forceinline__ Operands<T> loadPack(const Tensor& tensor, u64 first) {
  const u32 present = presentFrom<T>(tensor, first);
  Operands<T> x = {};
  x.gradient = load(static_cast<const T*>(tensor.gradient) + first, present, tensor.flags & GRADIENT_ALIGNED);
  x.value = load(static_cast<const T*>(tensor.value) + first, present, tensor.flags & VALUE_ALIGNED);
  if constexpr (MOMENTUM) {
    x.velocity = load(static_cast<const T*>(tensor.velocity) + first, present, true);
  }
  if constexpr (MOMENTUM || NOISE != NO_NOISE) {
    x.rate = load(static_cast<const T*>(tensor.rate) + first, present, true);
    x.weight = load(static_cast<const T*>(tensor.weight) + first, present, true);
  }
  if constexpr (NOISE == FROZEN) {
    x.noise = load(static_cast<const T*>(tensor.noise) + first, present, true);
  }
  return x;
}

// Updates the pack from `first` on.
template <class T, Estimator E, bool MOMENTUM, Noise NOISE>
__device__ __forceinline__ void updatePack(const Tensor& tensor, const Scalars<T>& s, u64 t, u64 first, Operands<T> x) {
  if constexpr (NOISE == FRESH) {
    x.noise = draw<T>(tensor.noiseKey, first, t);
  }
#pragma unroll
  for (u32 j = 0; j < WIDTH<T>; j++) {
    Element<T> e = {x.value.x[j], x.velocity.x[j], x.rate.x[j], x.weight.x[j]};
    update<T, E, MOMENTUM, NOISE>(s, x.gradient.x[j], x.noise.x[j], e);
    x.value.x[j] = e.value;
    x.velocity.x[j] = e.velocity;
    x.rate.x[j] = e.rate;
    x.weight.x[j] = e.weight;
  }
  const u32 present = presentFrom<T>(tensor, first);
  store(static_cast<T*>(tensor.value) + first, x.value, present, tensor.flags & VALUE_ALIGNED);
  if constexpr (MOMENTUM) {
    store(static_cast<T*>(tensor.velocity) + first, x.velocity, present, true);
  }
  if constexpr (MOMENTUM || NOISE != NO_NOISE) {
    store(static_cast<T*>(tensor.rate) + first, x.rate, present, true);
    store(static_cast<T*>(tensor.weight) + first, x.weight, present, true);
  }
  if (tensor.flags & ZERO_GRADIENT) {
    store(static_cast<T*>(tensor.gradient) + first, Pack<T>{}, present, tensor.flags & GRADIENT_ALIGNED);
  }
}

// A skipped step leaves everything alone, but for gradients that ask to be zeroed; a refused one leaves those too.
template <class T>
__device__ __forceinline__ void skipPack(const StepArguments& a, const Tensor& tensor, u64 first) {
  if ((tensor.flags & ZERO_GRADIENT) && !(a.flags & REFUSES)) {
    store(static_cast<T*>(tensor.gradient) + first, Pack<T>{}, presentFrom<T>(tensor, first),
          tensor.flags & GRADIENT_ALIGNED);
  }
}

template <class T, Estimator E, bool MOMENTUM, Noise NOISE>
__device__ __forceinline__ void apply(const StepArguments& a) {
  __shared__ Shared<T> shared;
  const u32 position = blockIdx.x >> a.splitting;
  const u32 part = blockIdx.x - (position << a.splitting);
  const bool busy = position < a.chunkCount;
  const Chunk chunk = busy ? a.chunks[a.chunkCount - 1 - position] : Chunk{};
  const Tensor& tensor = a.tensors[chunk.tensor];
  const u32 size = CHUNK >> a.splitting;
  const u64 start = static_cast<u64>(chunk.number) * CHUNK + part * size;
  const u64 end = !busy ? 0 : start + size < tensor.length ? start + size : tensor.length;

  // The first loads are on their way while the scalars are derived.
  u64 first = start + threadIdx.x * WIDTH<T>;
  Operands<T> x = {};
  if (first < end) {
    x = loadPack<T, MOMENTUM, NOISE>(tensor, first);
  }

  // One thread derives the scalars: binary64 divisions in all of them would keep the few units of many GPUs busy.
  if (threadIdx.x == 0) {
    shared.step = stepNumbers(a);
    shared.scalars = scalars<T>(a, shared.step, tensor);
  }
  __syncthreads();
  const StepNumbers step = shared.step;
  const Scalars<T> s = shared.scalars;
  const bool finishes = (a.flags & FINISHES) && threadIdx.x < LANES;
  u32 arrival = 0;
  if (finishes && threadIdx.x == 0) {
    arrival = arrive(a);
  }

  while (first < end) {
    if (step.skip) {
      skipPack<T>(a, tensor, first);
    } else {
      updatePack<T, E, MOMENTUM, NOISE>(tensor, s, static_cast<u64>(step.t), first, x);
    }
    first += APPLY_THREADS * WIDTH<T>;
    if (first < end) {
      x = loadPack<T, MOMENTUM, NOISE>(tensor, first);
    }
  }

  if (finishes) {
    __syncwarp();
    if (arrivedLast(__shfl_sync(ALL_LANES, arrival, 0))) {
      finish(a, step, threadIdx.x);
    }
  }
}

}  // namespace nlar

#define NLAR_JOIN_(suffix, variant) nlar_apply_##suffix##_##variant
#define NLAR_JOIN(suffix, variant) NLAR_JOIN_(suffix, variant)
#define NLAR_APPLY(variant, MOMENTUM, NOISE)                                                          \
  extern "C" __global__ void __launch_bounds__(nlar::APPLY_THREADS, nlar::RESIDENT_BLOCKS<NLAR_TYPE>) \
      NLAR_JOIN(NLAR_SUFFIX, variant)(const __grid_constant__ nlar::StepArguments a) {                \
    nlar::apply<NLAR_TYPE, nlar::NLAR_ESTIMATOR, MOMENTUM, nlar::NOISE>(a);                           \
  }

NLAR_APPLY(momentum, true, NO_NOISE)
NLAR_APPLY(momentum_frozen, true, FROZEN)
NLAR_APPLY(momentum_fresh, true, FRESH)
NLAR_APPLY(plain, false, NO_NOISE)
NLAR_APPLY(plain_frozen, false, FROZEN)
NLAR_APPLY(plain_fresh, false, FRESH)
