// The fused update: one read of gradient, value and state, one write of value and state.
//
// Launch. A thread block of 256 threads takes one chunk of 4096 elements, a thread one pack of 16 bytes at a time; grid
// = number of chunks of this variant. Where these are too few to fill a GPU, 2 or 4 thread blocks share a chunk. A
// launch without chunks still has one thread block where it has to close the step. Chunks are taken from the last to the
// first: the reduction has just read the gradients in the other direction, so that their tail is still in the L2 cache.
//
// Variants. NLAR_RULE (a file in rules/), NLAR_STORED and NLAR_REAL (the types of storage and arithmetic) and
// NLAR_SUFFIX come from the compiler's command line: one module for each pair of storage type and rule, which is loaded
// when it is needed. A rule's forms and kinds of noise are kernels within it. Numbers, kind of scaling and kind of decay
// are read from a table: groups that differ only there share a launch.
//
// A rule is a struct with SLOTS, SCALES_GRADIENT_BY_RATE, Scalars, scalars(numbers, t, k) and update(scalars, f0,
// epsilon, theta, slots), and NLAR_KERNELS, which lists its kernels.
#include "finish.cuh"
#include "layout.cuh"
#include "memory.cuh"
#include "philox.cuh"
#include "scalars.cuh"

#define NLAR_QUOTED_(name) #name
#define NLAR_QUOTED(name) NLAR_QUOTED_(name)
#include NLAR_QUOTED(rules/NLAR_RULE.cuh)

namespace nlar {

// Thread blocks that a multiprocessor shall hold at once: bounds the registers at 80 (float) and 128 (double) a thread,
// so that none are spilled. 24 warps with five 16-byte loads in flight each are 60 KB, 16 warps 40 KB; the memory's
// latency takes about 36 KB (4.8 TB/s over 132 multiprocessors and a microsecond).
template <class T>
constexpr u32 RESIDENT_BLOCKS = sizeof(T) == 4 ? 3 : 2;

// Of state tensors a kernel reads the rule's and, behind them, frozen noise; it writes the rule's.
template <class R, u32 NOISE>
constexpr int SLOTS_READ = R::SLOTS + (NOISE == NOISE_FROZEN ? 1 : 0);

template <class T, class R>
struct Shared {
  StepNumbers step;
  Scalars<T> scalars;
  typename R::Scalars rule;
};

// A pack of everything that an update reads.
template <class S>
struct Operands {
  Pack<S> gradient;
  Pack<S> value;
  Pack<S> slots[MOST_SLOTS];
};

// How many elements of the pack from `first` on the tensor has.
template <class S>
__device__ __forceinline__ u32 presentFrom(const Tensor& tensor, u64 first) {
  const u64 rest = tensor.length - first;
  return rest < WIDTH<S> ? static_cast<u32>(rest) : WIDTH<S>;
}

// Issues the loads of the pack from `first` on.
template <class S, class R, u32 NOISE>
__device__ __forceinline__ Operands<S> loadPack(const Tensor& tensor, u64 first) {
  const u32 present = presentFrom<S>(tensor, first);
  Operands<S> x = {};
  x.gradient = load(static_cast<const S*>(tensor.gradient) + first, present, tensor.flags & GRADIENT_ALIGNED);
  x.value = load(static_cast<const S*>(tensor.value) + first, present, tensor.flags & VALUE_ALIGNED);
#pragma unroll
  for (int i = 0; i < SLOTS_READ<R, NOISE>; i++) {
    x.slots[i] = load(static_cast<const S*>(tensor.slots[i]) + first, present, true);
  }
  return x;
}

// Updates the pack from `first` on.
template <class S, class T, class R, u32 NOISE>
__device__ __forceinline__ void updatePack(const Tensor& tensor, const Scalars<T>& scalars,
                                           const typename R::Scalars& rule, u64 key, u64 t, u64 first,
                                           Operands<S> x) {
  Elements<T, WIDTH<S>> epsilon = {};
  if constexpr (NOISE == NOISE_FRESH) {
    epsilon = draw<T, WIDTH<S>>(key, first, t);
  }
#pragma unroll
  for (u32 j = 0; j < WIDTH<S>; j++) {
    if constexpr (NOISE == NOISE_FROZEN) {
      epsilon.x[j] = opened<T>(x.slots[R::SLOTS].x[j]);
    }
    T theta = decayed(scalars, opened<T>(x.value.x[j]));
    T slots[MOST_SLOTS];
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      slots[i] = opened<T>(x.slots[i].x[j]);
    }
    R::update(rule, scaled(scalars, opened<T>(x.gradient.x[j])), epsilon.x[j], theta, slots);
    x.value.x[j] = kept<S>(theta);
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      x.slots[i].x[j] = kept<S>(slots[i]);
    }
  }
  const u32 present = presentFrom<S>(tensor, first);
  store(static_cast<S*>(tensor.value) + first, x.value, present, tensor.flags & VALUE_ALIGNED);
#pragma unroll
  for (int i = 0; i < R::SLOTS; i++) {
    store(static_cast<S*>(tensor.slots[i]) + first, x.slots[i], present, true);
  }
  if (tensor.flags & ZERO_GRADIENT) {
    store(static_cast<S*>(tensor.gradient) + first, Pack<S>{}, present, tensor.flags & GRADIENT_ALIGNED);
  }
}

// A skipped step leaves everything alone, but for gradients that ask to be zeroed; a refused one leaves those too.
template <class S>
__device__ __forceinline__ void skipPack(const StepArguments& a, const Tensor& tensor, u64 first) {
  if ((tensor.flags & ZERO_GRADIENT) && !(a.flags & REFUSES)) {
    store(static_cast<S*>(tensor.gradient) + first, Pack<S>{}, presentFrom<S>(tensor, first),
          tensor.flags & GRADIENT_ALIGNED);
  }
}

template <class S, class T, class R, u32 NOISE>
__device__ __forceinline__ void apply(const StepArguments& a) {
  static_assert(SLOTS_READ<R, NOISE> <= static_cast<int>(MOST_SLOTS));
  __shared__ Shared<T, R> shared;
  const u32 position = blockIdx.x >> a.splitting;
  const u32 part = blockIdx.x - (position << a.splitting);
  const bool busy = position < a.chunkCount;
  const Chunk chunk = busy ? a.chunks[a.chunkCount - 1 - position] : Chunk{};
  const Tensor& tensor = a.tensors[chunk.tensor];
  const Group& group = a.groups[tensor.group];
  const u32 size = CHUNK >> a.splitting;
  const u64 start = static_cast<u64>(chunk.number) * CHUNK + part * size;
  const u64 end = !busy ? 0 : start + size < tensor.length ? start + size : tensor.length;

  // The first loads are on their way while the scalars are derived.
  u64 first = start + threadIdx.x * WIDTH<S>;
  Operands<S> x = {};
  if (first < end) {
    x = loadPack<S, R, NOISE>(tensor, first);
  }

  // One thread derives the scalars: binary64 divisions in all of them would keep the few units of many GPUs busy.
  if (threadIdx.x == 0) {
    shared.step = stepNumbers(a);
    const double k = shared.step.rateFactor;
    shared.scalars = scalars<T>(a, shared.step, tensor, group, R::SCALES_GRADIENT_BY_RATE ? k : 1.0);
    shared.rule = R::scalars(group.numbers, shared.step.t, k);
  }
  __syncthreads();
  const StepNumbers step = shared.step;
  const Scalars<T> s = shared.scalars;
  const typename R::Scalars rule = shared.rule;
  const bool finishes = (a.flags & FINISHES) && threadIdx.x < LANES;
  u32 arrival = 0;
  if (finishes && threadIdx.x == 0) {
    arrival = arrive(a);
  }

  const u64 key = NOISE == NOISE_FRESH ? group.seed ^ tensor.nameHash : 0;
  while (first < end) {
    if (step.skip) {
      skipPack<S>(a, tensor, first);
    } else {
      updatePack<S, T, R, NOISE>(tensor, s, rule, key, static_cast<u64>(step.t), first, x);
    }
    first += APPLY_THREADS * WIDTH<S>;
    if (first < end) {
      x = loadPack<S, R, NOISE>(tensor, first);
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
// A kernel: the end of its name, the code of its noise, its rule (which may have commas).
#define NLAR_APPLY(variant, NOISE, ...)                                                               \
  extern "C" __global__ void __launch_bounds__(nlar::APPLY_THREADS, nlar::RESIDENT_BLOCKS<NLAR_REAL>) \
      NLAR_JOIN(NLAR_SUFFIX, variant)(const __grid_constant__ nlar::StepArguments a) {                \
    nlar::apply<NLAR_STORED, NLAR_REAL, __VA_ARGS__, nlar::NOISE>(a);                                 \
  }

NLAR_KERNELS(NLAR_APPLY, NLAR_REAL)
