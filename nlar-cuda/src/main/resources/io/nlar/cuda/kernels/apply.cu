// The fused update: one read of gradient, value and state, one write of value and state.
//
// Launch. A thread block of 256 threads takes one chunk of 4096 elements, a thread four consecutive elements at a time
// (a quad: 16 bytes of floats, two times 16 of doubles); grid = number of chunks of this variant. A launch without chunks
// still has one thread block where it has to close the step. Chunks are taken from the last to the first: the reduction
// has just read the gradients in the other direction, so that their tail is still in the L2 cache.
//
// Variants. NLAR_TYPE, NLAR_ESTIMATOR and NLAR_SUFFIX come from the compiler's command line: one module for each pair of
// element type and estimator, which is loaded when it is needed. Momentum and noise are template arguments within it.
// Numbers, kind of scaling and kind of decay are read from a table: groups that differ only there share a launch.
#include "element.cuh"
#include "finish.cuh"
#include "layout.cuh"
#include "memory.cuh"
#include "philox.cuh"
#include "scalars.cuh"

namespace nlar {

constexpr u32 APPLY_THREADS = 256;

// Thread blocks that a multiprocessor shall hold at once: bounds the registers at 80 (float) and 128 (double) a thread, so
// that none are spilled. 24 warps with five 16-byte loads each keep 60 KB in flight, 16 warps with ten 80 KB: several
// times what hides the memory's latency.
template <class T>
constexpr u32 RESIDENT_BLOCKS = sizeof(T) == 4 ? 3 : 2;

template <class T>
struct Shared {
  StepNumbers step;
  Scalars<T> scalars;
  bool last;
};

// Four elements from `first` on.
template <class T, Estimator E, bool MOMENTUM, Noise NOISE>
__device__ __forceinline__ void updateQuad(const Tensor& tensor, const Scalars<T>& s, u64 t, u64 first) {
  constexpr bool ESTIMATING = MOMENTUM || NOISE != NO_NOISE;
  const u64 rest = tensor.length - first;
  const u32 present = rest < 4 ? static_cast<u32>(rest) : 4;
  const bool valueAligned = tensor.flags & VALUE_ALIGNED;
  const bool gradientAligned = tensor.flags & GRADIENT_ALIGNED;
  T* const gradient = static_cast<T*>(tensor.gradient) + first;
  T* const value = static_cast<T*>(tensor.value) + first;
  T* const velocity = static_cast<T*>(tensor.velocity) + first;
  T* const rate = static_cast<T*>(tensor.rate) + first;
  T* const weight = static_cast<T*>(tensor.weight) + first;

  // All loads are issued before the first of them is used.
  const Quad<T> g = load(gradient, present, gradientAligned);
  Quad<T> theta = load(value, present, valueAligned);
  Quad<T> v = {};
  Quad<T> d = {};
  Quad<T> a = {};
  Quad<T> epsilon = {};
  if constexpr (MOMENTUM) {
    v = load(velocity, present, true);
  }
  if constexpr (ESTIMATING) {
    d = load(rate, present, true);
    a = load(weight, present, true);
  }
  if constexpr (NOISE == FROZEN) {
    epsilon = load(static_cast<const T*>(tensor.noise) + first, present, true);
  } else if constexpr (NOISE == FRESH) {
    epsilon = draw<T>(tensor.noiseKey, first / 4, t);
  }

#pragma unroll
  for (u32 j = 0; j < 4; j++) {
    Element<T> e = {theta.x[j], v.x[j], d.x[j], a.x[j]};
    update<T, E, MOMENTUM, NOISE>(s, g.x[j], epsilon.x[j], e);
    theta.x[j] = e.value;
    v.x[j] = e.velocity;
    d.x[j] = e.rate;
    a.x[j] = e.weight;
  }

  store(value, theta, present, valueAligned);
  if constexpr (MOMENTUM) {
    store(velocity, v, present, true);
  }
  if constexpr (ESTIMATING) {
    store(rate, d, present, true);
    store(weight, a, present, true);
  }
  if (tensor.flags & ZERO_GRADIENT) {
    store(gradient, Quad<T>{}, present, gradientAligned);
  }
}

// A skipped step leaves everything alone, but for gradients that ask to be zeroed; a refused one leaves those too.
template <class T>
__device__ __forceinline__ void skipQuad(const StepArguments& a, const Tensor& tensor, u64 first) {
  if ((tensor.flags & ZERO_GRADIENT) && !(a.flags & REFUSES)) {
    const u64 rest = tensor.length - first;
    store(static_cast<T*>(tensor.gradient) + first, Quad<T>{}, rest < 4 ? static_cast<u32>(rest) : 4,
          tensor.flags & GRADIENT_ALIGNED);
  }
}

template <class T, Estimator E, bool MOMENTUM, Noise NOISE>
__device__ __forceinline__ void apply(const StepArguments& a) {
  __shared__ Shared<T> shared;
  const bool busy = blockIdx.x < a.chunkCount;
  const Chunk chunk = busy ? a.chunks[a.chunkCount - 1 - blockIdx.x] : Chunk{};
  const Tensor& tensor = a.tensors[chunk.tensor];

  // One thread derives the scalars: binary64 divisions in all of them would keep the few units of many GPUs busy.
  if (threadIdx.x == 0) {
    shared.step = stepNumbers(a);
    shared.scalars = scalars<T>(a, shared.step, tensor);
    shared.last = arrivesLast(a);
  }
  __syncthreads();
  const StepNumbers step = shared.step;
  const Scalars<T> s = shared.scalars;
  if (shared.last) {
    finish(a, step);
  }
  if (!busy) {
    return;
  }

  const u64 start = static_cast<u64>(chunk.number) * CHUNK;
  const u64 end = tensor.length - start < CHUNK ? tensor.length : start + CHUNK;
  for (u64 first = start + threadIdx.x * 4; first < end; first += APPLY_THREADS * 4) {
    if (step.skip) {
      skipQuad<T>(a, tensor, first);
    } else {
      updateQuad<T, E, MOMENTUM, NOISE>(tensor, s, static_cast<u64>(step.t), first);
    }
  }
}

}  // namespace nlar

#define NLAR_JOIN_(suffix, variant) nlar_apply_##suffix##_##variant
#define NLAR_JOIN(suffix, variant) NLAR_JOIN_(suffix, variant)
#define NLAR_APPLY(variant, MOMENTUM, NOISE)                                          \
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
