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
// Packs. A thread goes through its full and aligned packs as long as their gradients are ordinary, which is a shorter way
// to the same bits, and loads one while it computes the other. What is left then, up to the end of the chunk, takes
// the long way: packs with tiny gradients or zeros, off a boundary, or not full.
//
// A rule is a struct with SLOTS, SCALES_GRADIENT_BY_RATE, Scalars, scalars(numbers, t, k) and update<ORDINARY>(scalars,
// f0, epsilon, theta, slots), and NLAR_KERNELS, which lists its kernels. Where it DISTINGUISHES, an element is ordinary
// where |f0| is above ordinaryAbove(scalars) or f0 is a NaN; elsewhere all are alike, and not called ordinary.
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

// Elements from a pack of a thread to its next one.
template <class S>
constexpr int STRIDE = APPLY_THREADS * WIDTH<S>;

template <class T, class R>
struct Shared {
  StepNumbers step;
  Scalars<T> scalars;
  typename R::Scalars rule;
  T ordinaryAbove;
  u64 key;  // of fresh noise
};

// What all packs of a thread are updated with, in registers as far as it is used; what is seldom used stays where it is.
template <class T, class R>
struct Settings {
  const Shared<T, R>& shared;
  T coefficient;
  T weightDecay;
  bool limits;
  bool decays;
  typename R::Scalars rule;
  T ordinaryAbove;

  explicit __device__ __forceinline__ Settings(const Shared<T, R>& shared)
      : shared(shared),
        coefficient(shared.scalars.coefficient),
        weightDecay(shared.scalars.weightDecay),
        limits(shared.scalars.limits),
        decays(shared.scalars.decays),
        rule(shared.rule),
        ordinaryAbove(shared.ordinaryAbove) {}
};

// A pack of everything that an update reads.
template <class S>
struct Operands {
  Pack<S> gradient;
  Pack<S> value;
  Pack<S> slots[MOST_SLOTS];
};

// Where a thread is in its tensor. The tensor's fields are read once, since a store might change them for all that a
// compiler knows.
template <class S, class R, u32 NOISE>
struct Place {
  S* value;
  S* gradient;
  S* slots[MOST_SLOTS];
  u64 first;  // element of the pack
  int left;   // elements of the chunk's part from there on
  u32 flags;  // of the tensor

  __device__ __forceinline__ Place(const Tensor& tensor, u64 first, int left)
      : value(static_cast<S*>(tensor.value) + first),
        gradient(static_cast<S*>(tensor.gradient) + first),
        first(first),
        left(left),
        flags(tensor.flags) {
#pragma unroll
    for (int i = 0; i < SLOTS_READ<R, NOISE>; i++) {
      slots[i] = static_cast<S*>(tensor.slots[i]) + first;
    }
  }

  // Whether the pack is full and lies on a 16-byte boundary everywhere; then all are up to the end of the part, but for
  // one that is not full.
  __device__ __forceinline__ bool wide() const {
    return left >= static_cast<int>(WIDTH<S>) &&
           (flags & (VALUE_ALIGNED | GRADIENT_ALIGNED)) == (VALUE_ALIGNED | GRADIENT_ALIGNED);
  }

  // How many elements the pack has.
  __device__ __forceinline__ u32 present() const {
    return left < static_cast<int>(WIDTH<S>) ? static_cast<u32>(left) : WIDTH<S>;
  }

  __device__ __forceinline__ void advance() {
    value += STRIDE<S>;
    gradient += STRIDE<S>;
#pragma unroll
    for (int i = 0; i < SLOTS_READ<R, NOISE>; i++) {
      slots[i] += STRIDE<S>;
    }
    first += STRIDE<S>;
    left -= STRIDE<S>;
  }

  // Issues the loads of a wide pack.
  __device__ __forceinline__ void loadWide(Operands<S>& x) const {
    x.gradient = loadAligned(gradient);
    x.value = loadAligned(value);
#pragma unroll
    for (int i = 0; i < SLOTS_READ<R, NOISE>; i++) {
      x.slots[i] = loadAligned(slots[i]);
    }
  }

  __device__ __forceinline__ void storeWide(const Operands<S>& x) const {
    storeAligned(value, x.value);
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      storeAligned(slots[i], x.slots[i]);
    }
    if (flags & ZERO_GRADIENT) {
      storeAligned(gradient, Pack<S>{});
    }
  }

  // Issues the loads of any pack.
  __device__ __forceinline__ void loadAny(Operands<S>& x) const {
    x.gradient = load(gradient, present(), flags & GRADIENT_ALIGNED);
    x.value = load(value, present(), flags & VALUE_ALIGNED);
#pragma unroll
    for (int i = 0; i < SLOTS_READ<R, NOISE>; i++) {
      x.slots[i] = load(slots[i], present(), true);
    }
  }

  __device__ __forceinline__ void storeAny(const Operands<S>& x) const {
    store(value, x.value, present(), flags & VALUE_ALIGNED);
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      store(slots[i], x.slots[i], present(), true);
    }
    if (flags & ZERO_GRADIENT) {
      store(gradient, Pack<S>{}, present(), flags & GRADIENT_ALIGNED);
    }
  }
};

// The scaled gradients of a pack.
template <class S, class T, class R>
__device__ __forceinline__ Elements<T, WIDTH<S>> scaledPack(const Settings<T, R>& s, const Pack<S>& gradient) {
  Elements<T, WIDTH<S>> f0;
#pragma unroll
  for (u32 j = 0; j < WIDTH<S>; j++) {
    f0.x[j] = mul(opened<T>(gradient.x[j]), s.coefficient);
  }
  if (s.limits) {
#pragma unroll
    for (u32 j = 0; j < WIDTH<S>; j++) {
      f0.x[j] = limited(s.shared.scalars, f0.x[j]);
    }
  }
  return f0;
}

// The least magnitude in a pack; NaNs count only where all are.
template <class T, u32 N>
__device__ __forceinline__ T leastMagnitude(const Elements<T, N>& f) {
  T least = magnitude(f.x[0]);
#pragma unroll
  for (u32 j = 1; j < N; j++) {
    least = smaller(least, magnitude(f.x[j]));
  }
  return least;
}

// Updates the values and the state of a pack from its scaled gradients.
template <class S, class T, class R, u32 NOISE, bool ORDINARY>
__device__ __forceinline__ void updatePack(
    const Settings<T, R>& s, u64 first, const Elements<T, WIDTH<S>>& f0, Operands<S>& x) {
  Elements<T, WIDTH<S>> epsilon = {};
  if constexpr (NOISE == NOISE_FRESH) {
    epsilon = draw<T, WIDTH<S>>(s.shared.key, first, static_cast<u64>(s.shared.step.t));
  }
  Elements<T, WIDTH<S>> theta;
#pragma unroll
  for (u32 j = 0; j < WIDTH<S>; j++) {
    theta.x[j] = opened<T>(x.value.x[j]);
  }
  if (s.decays) {
#pragma unroll
    for (u32 j = 0; j < WIDTH<S>; j++) {
      theta.x[j] = decayed(theta.x[j], s.weightDecay);
    }
  }
#pragma unroll
  for (u32 j = 0; j < WIDTH<S>; j++) {
    if constexpr (NOISE == NOISE_FROZEN) {
      epsilon.x[j] = opened<T>(x.slots[R::SLOTS].x[j]);
    }
    T slots[MOST_SLOTS];
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      slots[i] = opened<T>(x.slots[i].x[j]);
    }
    R::template update<ORDINARY>(s.rule, f0.x[j], epsilon.x[j], theta.x[j], slots);
    x.value.x[j] = kept<S>(theta.x[j]);
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      x.slots[i].x[j] = kept<S>(slots[i]);
    }
  }
}

// Whether all elements of a pack are ordinary, where the rule distinguishes them.
template <class S, class T, class R>
__device__ __forceinline__ bool ordinary(const Settings<T, R>& s, const Elements<T, WIDTH<S>>& f0) {
  return !R::DISTINGUISHES || !(leastMagnitude(f0) <= s.ordinaryAbove);
}

// Updates wide packs, the first of which is in x, up to the end or to one that is not ordinary; that one is in x then,
// and the result is true.
template <class S, class T, class R, u32 NOISE>
__device__ __forceinline__ bool updateOrdinary(const Settings<T, R>& s, Place<S, R, NOISE>& at, Operands<S>& x) {
  for (;;) {
    const Elements<T, WIDTH<S>> f0 = scaledPack<S>(s, x.gradient);
    if (!ordinary<S>(s, f0)) {
      return true;
    }
    updatePack<S, T, R, NOISE, R::DISTINGUISHES>(s, at.first, f0, x);
    at.storeWide(x);
    at.advance();
    if (at.left < static_cast<int>(WIDTH<S>)) {
      return false;
    }
    at.loadWide(x);
  }
}

// Updates what is left, of any kind. `loaded`: the first pack is in x.
template <class S, class T, class R, u32 NOISE>
__device__ __forceinline__ void updateRest(
    const Settings<T, R>& s, Place<S, R, NOISE>& at, Operands<S>& x, bool loaded) {
#pragma unroll 1
  for (; at.left > 0; at.advance()) {
    if (!loaded) {
      at.loadAny(x);
    }
    loaded = false;
    updatePack<S, T, R, NOISE, false>(s, at.first, scaledPack<S>(s, x.gradient), x);
    at.storeAny(x);
  }
}

// Elements of a chunk's part from `start` on that a tensor has, up to `size`; not above 0 where it ends before.
__device__ __forceinline__ int extent(const Tensor& tensor, u64 start, u32 size) {
  const long long rest = static_cast<long long>(tensor.length - start);
  return rest < static_cast<long long>(size) ? static_cast<int>(rest) : static_cast<int>(size);
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
  const u32 offset = threadIdx.x * WIDTH<S>;
  Place<S, R, NOISE> at(tensor, start + offset, busy ? extent(tensor, start, size) - static_cast<int>(offset) : 0);

  // The first loads are on their way while the scalars are derived.
  const bool wide = at.wide();
  Operands<S> x = {};
  if (wide) {
    at.loadWide(x);
  } else if (at.left > 0) {
    at.loadAny(x);
  }

  // One thread derives the scalars: binary64 divisions in all of them would keep the few units of many GPUs busy.
  if (threadIdx.x == 0) {
    shared.step = stepNumbers(a);
    const double k = shared.step.rateFactor;
    shared.scalars = scalars<T>(a, shared.step, tensor, group, R::SCALES_GRADIENT_BY_RATE ? k : 1.0);
    shared.rule = R::scalars(group.numbers, shared.step.t, k);
    shared.ordinaryAbove = R::ordinaryAbove(shared.rule);
    shared.key = group.seed ^ tensor.nameHash;
  }
  __syncthreads();
  const bool skip = shared.step.skip;
  const bool finishes = (a.flags & FINISHES) && threadIdx.x < LANES;
  u32 arrival = 0;
  if (finishes && threadIdx.x == 0) {
    arrival = arrive(a);
  }

  if (!skip) {
    const bool loaded = !wide || updateOrdinary(Settings<T, R>(shared), at, x);
    updateRest(Settings<T, R>(shared), at, x, loaded);
  } else if ((tensor.flags & ZERO_GRADIENT) && !(a.flags & REFUSES)) {
    // A skipped step leaves everything alone, but for gradients that ask to be zeroed; a refused one leaves those too.
    S* const gradient = static_cast<S*>(tensor.gradient) + start;
    const int count = busy ? extent(tensor, start, size) : 0;
#pragma unroll 1
    for (int i = threadIdx.x; i < count; i += APPLY_THREADS) {
      __stcs(gradient + i, S(0));
    }
  }

  if (finishes) {
    __syncwarp();
    if (arrivedLast(__shfl_sync(ALL_LANES, arrival, 0))) {
      finish(a, shared.step, threadIdx.x);
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
