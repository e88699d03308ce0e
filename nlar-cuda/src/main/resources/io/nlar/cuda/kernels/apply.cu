// The fused update: one read of gradient, value and state, one write of value and state.
//
// Launch. A thread block of 256 threads takes one chunk of 8192 elements, a thread one pack of 16 bytes at a time; grid
// = number of chunks of this variant. Where these are too few to fill a GPU, 2, 4 or 8 thread blocks share a chunk. A
// launch without chunks still has one thread block where it has to close the step. Chunks are taken from the last to the
// first: the reduction has just read the gradients in the other direction, so that their tail is still in the L2 cache.
//
// Variants. NLAR_RULE (a file in rules/) and NLAR_STORAGE (a name in storage.cuh) come from the compiler's command line:
// one module for each pair of them, which is loaded when it is needed. A rule's forms and kinds of noise are kernels within
// it. Numbers, kind of scaling and kind of decay are read from a table, and the type of gradients beside or within 16-bit
// storage is an argument: what differs only there shares a kernel.
//
// Packs. A thread goes through its full and aligned packs as long as their gradients are ordinary, which is a shorter way
// to the same bits. What is left then, up to the end of the chunk, takes the long way: packs with tiny gradients or zeros,
// off a boundary, or not full. Fresh noise that is not uniform has a long way of its own. Storage of 16 bits has eight
// elements a pack, twice as many as floats: there the long way is a loop over pairs, which for packs that are full and
// aligned turn in the registers; and kernels with noise, which is seldom asked for, know no other and take both kinds of
// noise.
//
// A rule is a struct with SLOTS, KEEPS (what it keeps of whole parameters: parameters.cuh; its scalars depend on that then, and
// where it observes, it leaves two numbers behind its slots), SCALES_GRADIENT_BY_RATE, Scalars, scalars(numbers, t, k), rounding(slot) and
// update<ORDINARY, COMPACT>(scalars, f0, epsilon, theta, slots), and NLAR_KERNELS, which lists its kernels: those with
// state, without, and with noise. Where it DISTINGUISHES, an element is ordinary where |f0| is above
// ordinaryAbove(scalars) or f0 is a NaN; elsewhere all are alike, and not called ordinary. COMPACT: state is kept in
// fewer bits. rounding(slot) is the slot's factor of the random bits then.
#include "finish.cuh"
#include "gradients.cuh"
#include "layout.cuh"
#include "memory.cuh"
#include "parameters.cuh"
#include "philox.cuh"
#include "scalars.cuh"
#include "storage.cuh"

#define NLAR_QUOTED_(name) #name
#define NLAR_QUOTED(name) NLAR_QUOTED_(name)
#include NLAR_QUOTED(rules/NLAR_RULE.cuh)

namespace nlar {

// Code of a kernel whose launches say which kind of noise there is.
constexpr u32 NOISE_GIVEN = 3;

// Thread blocks that a multiprocessor shall hold at once: bounds the registers at 80 (floats) and 128 (doubles, and eight
// elements a pack) a thread, so that none are spilled. 24 warps with five 16-byte loads in flight each are 60 KB, 16 warps
// 40 KB, with six of them (bfloat16 and remainder) 48 KB; the memory's latency takes about 36 KB (4.8 TB/s over 132
// multiprocessors and a microsecond). Noise takes registers, and updates an address more than values; a fourth state
// tensor takes more registers, of which half as many warps have enough.
template <class S, class R, u32 NOISE>
constexpr u32 RESIDENT_BLOCKS =
    R::SLOTS > 3 && S::NARROW && sizeof(typename S::State) == 4                                                    ? 1
    : R::SLOTS > 3 || S::NARROW || sizeof(typename S::T) == 8 || (S::UPDATES && NOISE != NOISE_NONE)               ? 2
                                                                                                                   : 3;

// Elements from a pack of a thread to its next one.
template <class S>
constexpr int STRIDE = APPLY_THREADS * S::WIDTH;

// Elements of which is observed at a time what an update did: whole blocks, of which each thread has whole packs.
template <class S>
constexpr u32 OBSERVED = STRIDE<S> > static_cast<int>(SUM_BLOCK) ? STRIDE<S> : SUM_BLOCK;

// Whether what an update did is observed.
template <class R>
constexpr bool OBSERVES = R::KEEPS == KEEPS_LOG_RATE;

template <class T, class R>
struct Shared {
  StepNumbers step;
  Scalars<T> scalars;
  typename R::Scalars rule;
  T ordinaryAbove;
  u64 key;       // of fresh noise
  u32 distribution;
  u64 rounding;  // K of the chunk
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

// N elements of everything that an update reads beside gradients, or writes.
template <class S, u32 N>
struct Operands {
  Pack<typename S::Value, N> value;
  Pack<typename S::Behind, N> behind;
  Pack<typename S::State, N> slots[MOST_SLOTS];
  // What an update is observed by.
  Elements<typename S::T, N> d;
  Elements<typename S::T, N> v;
};

// Takes the first pair of N elements away and puts another one behind the others.
template <class P, u32 N>
__device__ __forceinline__ void turn(Pack<P, N>& pack, const Pack<P, 2>& last) {
#pragma unroll
  for (u32 i = 0; i + 1 < N / 2; i++) {
    pack.pairs[i] = pack.pairs[i + 1];
  }
  pack.pairs[N / 2 - 1] = last.pairs[0];
}

// Where a thread is in its tensor. The tensor's fields are read once, since a store might change them for all that a
// compiler knows.
template <class S, class R, u32 NOISE>
struct Place {
  using T = typename S::T;
  static constexpr bool FROZEN = NOISE == NOISE_FROZEN || NOISE == NOISE_GIVEN;
  static constexpr u32 WIDTH = S::WIDTH;

  typename S::Value* value;
  typename S::Value* target;  // of updates
  Gradients<S> gradient;
  typename S::State* slots[MOST_SLOTS];
  T* noise;
  typename S::Behind* behind;
  u64 first;  // element of the pack, as the whole tensor counts
  int left;   // elements of the chunk's part from there on
  u32 flags;  // of the tensor
  u32 kind;   // of noise
  bool reads;  // whether values are read where updates are written

  __device__ __forceinline__ Place(const StepArguments& a, const Tensor& tensor, u64 first, int left)
      : value(static_cast<typename S::Value*>(tensor.value) + first),
        gradient(a, tensor, first),
        first(tensor.offset + first),
        left(left),
        flags(tensor.flags),
        kind(NOISE == NOISE_GIVEN ? a.noise : NOISE) {
    if constexpr (S::UPDATES) {
      target = static_cast<typename S::Value*>(tensor.target) + first;
      reads = a.groups[tensor.group].decays != 0;
    }
    static_assert(R::SLOTS + FROZEN + S::HAS_BEHIND <= static_cast<int>(MOST_SLOTS));
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      slots[i] = static_cast<typename S::State*>(tensor.slots[i]) + first;
    }
    if constexpr (FROZEN) {
      noise = static_cast<T*>(tensor.slots[R::SLOTS]) + first;
    }
    if constexpr (S::HAS_BEHIND) {
      behind = static_cast<typename S::Behind*>(tensor.slots[R::SLOTS + (kind == NOISE_FROZEN ? 1 : 0)]) + first;
    }
  }

  // Whether the pack is full and lies on a 16-byte boundary everywhere; then all are up to the end of the part, but for
  // one that is not full.
  __device__ __forceinline__ bool wide() const {
    return left >= static_cast<int>(WIDTH) &&
           (flags & (VALUE_ALIGNED | GRADIENT_ALIGNED)) == (VALUE_ALIGNED | GRADIENT_ALIGNED);
  }

  // How many elements the pack has.
  __device__ __forceinline__ u32 present() const {
    return left < static_cast<int>(WIDTH) ? static_cast<u32>(left) : WIDTH;
  }

  __device__ __forceinline__ void advance() {
    value += STRIDE<S>;
    if constexpr (S::UPDATES) {
      target += STRIDE<S>;
    }
    gradient.advance(STRIDE<S>);
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      slots[i] += STRIDE<S>;
    }
    if constexpr (FROZEN) {
      noise += STRIDE<S>;
    }
    if constexpr (S::HAS_BEHIND) {
      behind += STRIDE<S>;
    }
    first += STRIDE<S>;
    left -= STRIDE<S>;
  }

  // Issues the loads of a wide pack.
  __device__ __forceinline__ void loadWide(Operands<S, WIDTH>& x) const {
    eachRead(x, [](const auto* p, auto& pack) { loadAligned(p, pack); });
  }

  __device__ __forceinline__ void storeWide(const Operands<S, WIDTH>& x) const {
    eachWritten(x, [](auto* p, const auto& pack) { storeAligned(p, pack); });
    if (flags & ZERO_GRADIENT) {
      gradient.clearWide();
    }
  }

  // Issues the loads of any pack.
  __device__ __forceinline__ void loadAny(typename Gradients<S>::Kept& g, Operands<S, WIDTH>& x) const {
    gradient.load(present(), flags & GRADIENT_ALIGNED, g);
    if (!S::UPDATES || reads) {
      load(value, present(), flags & VALUE_ALIGNED, x.value);
    }
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      load(slots[i], present(), true, x.slots[i]);
    }
  }

  __device__ __forceinline__ void storeAny(const Operands<S, WIDTH>& x) const {
    store(S::UPDATES ? target : value, x.value, present(), flags & VALUE_ALIGNED);
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      store(slots[i], x.slots[i], present(), true);
    }
    if (flags & ZERO_GRADIENT) {
      gradient.clear(present(), flags & GRADIENT_ALIGNED);
    }
  }

  // Two elements, `offset` behind the pack's first one, of which one or both are there.
  __device__ __forceinline__ void loadPair(u32 offset, u32 present, Operands<S, 2>& x) const {
    eachRead(x, [=](const auto* p, auto& pack) { load(p + offset, present, pack.pairs[0]); });
  }

  __device__ __forceinline__ void storePair(u32 offset, u32 present, const Operands<S, 2>& x) const {
    eachWritten(x, [=](auto* p, const auto& pack) { store(p + offset, present, pack.pairs[0]); });
    if (flags & ZERO_GRADIENT) {
      gradient.clearPair(offset, present);
    }
  }

 private:
  // Everything that is read, with where it lies.
  template <u32 N, class Action>
  __device__ __forceinline__ void eachRead(Operands<S, N>& x, Action action) const {
    if constexpr (S::UPDATES) {
      if (reads) {
        action(value, x.value);
      }
    } else if constexpr (S::READS_VALUE) {
      action(value, x.value);
    }
    if constexpr (S::HAS_BEHIND) {
      action(behind, x.behind);
    }
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      action(slots[i], x.slots[i]);
    }
  }

  // Everything that is written.
  template <u32 N, class Action>
  __device__ __forceinline__ void eachWritten(const Operands<S, N>& x, Action action) const {
    action(S::UPDATES ? target : value, x.value);
    if constexpr (S::HAS_BEHIND) {
      action(behind, x.behind);
    }
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      action(slots[i], x.slots[i]);
    }
  }
};

// Scaled gradients.
template <class T, class R, u32 N>
__device__ __forceinline__ Elements<T, N> scaled(const Settings<T, R>& s, const Elements<T, N>& gradient) {
  Elements<T, N> f0;
#pragma unroll
  for (u32 j = 0; j < N; j++) {
    f0.x[j] = mul(gradient.x[j], s.coefficient);
  }
  if (s.limits) {
#pragma unroll
    for (u32 j = 0; j < N; j++) {
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

// Updates the values and the state of N elements, the first of which is `first`, from their scaled gradients. Where updates
// are wanted, these stand in the values' place afterwards, with their signs turned if they are to be subtracted.
template <class S, class R, bool ORDINARY, class T, u32 N>
__device__ __forceinline__ void update(const Settings<T, R>& s, u64 first, const Elements<T, N>& f0,
                                       const Elements<T, N>& epsilon, bool negated, Operands<S, N>& x) {
  Elements<T, N> theta;
#pragma unroll
  for (u32 i = 0; i < N / 2; i++) {
    const Elements<T, 2> two = opened(x.value.pairs[i], x.behind.pairs[i]);
    theta.x[2 * i] = two.x[0];
    theta.x[2 * i + 1] = two.x[1];
  }
  if constexpr (S::UPDATES) {
#pragma unroll
    for (u32 j = 0; j < N; j++) {
      theta.x[j] = s.decays ? onlyDecay(theta.x[j], s.weightDecay) : T(-0.0);
    }
  } else if (s.decays) {
#pragma unroll
    for (u32 j = 0; j < N; j++) {
      theta.x[j] = decayed(theta.x[j], s.weightDecay);
    }
  }
#pragma unroll
  for (u32 i = 0; i < N / 2; i++) {
    T slots[2][MOST_SLOTS];
#pragma unroll
    for (int slot = 0; slot < R::SLOTS; slot++) {
      const Elements<T, 2> two = opened(x.slots[slot].pairs[i]);
      slots[0][slot] = two.x[0];
      slots[1][slot] = two.x[1];
    }
    Elements<T, 2> values = {theta.x[2 * i], theta.x[2 * i + 1]};
#pragma unroll
    for (u32 j = 0; j < 2; j++) {
      R::template update<ORDINARY, S::ROUNDS_STATE>(s.rule, f0.x[2 * i + j], epsilon.x[2 * i + j], values.x[j], slots[j]);
      if constexpr (S::UPDATES) {
        values.x[j] = negated ? -values.x[j] : values.x[j];
      }
    }
    u32 random = 0;
    if constexpr (S::ROUNDS_VALUE || S::ROUNDS_STATE) {
      random = randomBits(s.shared.rounding, first + 2 * i);
    }
    keepValue(values, random, x.value.pairs[i], x.behind.pairs[i]);
#pragma unroll
    for (int slot = 0; slot < R::SLOTS; slot++) {
      keep(Elements<T, 2>{slots[0][slot], slots[1][slot]}, random, R::rounding(slot), x.slots[slot].pairs[i]);
    }
    if constexpr (OBSERVES<R>) {
#pragma unroll
      for (u32 j = 0; j < 2; j++) {
        x.d.x[2 * i + j] = slots[j][R::SLOTS];
        x.v.x[2 * i + j] = slots[j][R::SLOTS + 1];
      }
    }
  }
}

// Whether all elements of a pack are ordinary, where the rule distinguishes them.
template <class T, class R, u32 N>
__device__ __forceinline__ bool ordinary(const Settings<T, R>& s, const Elements<T, N>& f0) {
  return !R::DISTINGUISHES || !(leastMagnitude(f0) <= s.ordinaryAbove);
}

// The packs of a thread, from the loads of the first one on.
template <class S, class R, u32 NOISE>
class Packs {
 public:
  using T = typename S::T;
  static constexpr u32 WIDTH = S::WIDTH;

  Place<S, R, NOISE> at;

  __device__ __forceinline__ Packs(const Place<S, R, NOISE>& place) : at(place), wide(false), gradient(), x(), frozen() { fetch(); }

  __device__ __forceinline__ void updateAll(const Shared<T, R>& shared) {
    if constexpr (S::NARROW) {
      updateNarrow(Settings<T, R>(shared));
    } else {
      if (NOISE == NOISE_FRESH && shared.distribution != DISTRIBUTION_UNIFORM) {
        updateDrawn(Settings<T, R>(shared));
        return;
      }
      const bool loaded = !wide || updateOrdinary(Settings<T, R>(shared));
      updateRest(Settings<T, R>(shared), loaded);
    }
  }

  // The same of a rule that observes, as many blocks at a time as the threads take packs of, up to the `rest` elements of the
  // part; `first` is the number of the first block in the tensor. By all threads of the thread block. The next packs are on
  // their way while what was observed is summed.
  __device__ __forceinline__ void updateObserved(const StepArguments& a, const Tensor& tensor, const Shared<T, R>& shared,
                                                 ObservedElements<T, OBSERVED<S>>& observed, int rest, u64 first) {
    if (rest <= 0) {
      return;
    }
    const Settings<T, R> s(shared);
    u64 out = tensor.partials + first;
#pragma unroll 1
    for (; rest > 0; rest -= static_cast<int>(OBSERVED<S>), out += OBSERVED<S> / SUM_BLOCK) {
#pragma unroll 1
      for (u32 place = threadIdx.x * WIDTH; place < OBSERVED<S>; place += STRIDE<S>) {
        if (at.left > 0) {
          observe(s, observed.d + place, observed.v + place);
          at.advance();
          fetch();
        }
      }
      __syncthreads();
      sumProducts(a, observed, rest, out);
      __syncthreads();  // the sums are there, and what was observed may be overwritten
    }
    if (threadIdx.x < LANES) {
      climbProducts(a, tensor, first, CHUNK / SUM_BLOCK >> a.splitting, threadIdx.x);
    }
  }

 private:
  bool wide;
  typename Gradients<S>::Kept gradient;
  Operands<S, WIDTH> x;
  Pack<T, WIDTH> frozen;

  __device__ __forceinline__ void loadWide() {
    if constexpr (!S::NARROW || SHORTER) {
      at.gradient.loadWide(gradient);
    }
    at.loadWide(x);
    if constexpr (NOISE == NOISE_FROZEN) {
      loadAligned(at.noise, frozen);
    }
  }

  // Issues the loads of the next pack, if there is one; of eight elements only where they are wide.
  __device__ __forceinline__ void fetch() {
    wide = at.wide();
    if (wide) {
      loadWide();
    } else if (!S::NARROW && at.left > 0) {
      loadAny();
    }
  }

  __device__ __forceinline__ void loadAny() {
    if constexpr (!S::NARROW) {
      at.loadAny(gradient, x);
      if constexpr (NOISE == NOISE_FROZEN) {
        load(at.noise, at.present(), true, frozen);
      }
    }
  }

  // The noise of the pack; where it is fresh, uniform.
  __device__ __forceinline__ Elements<T, WIDTH> epsilon(const Settings<T, R>& s) const {
    Elements<T, WIDTH> drawn = {};
    if constexpr (NOISE == NOISE_FRESH) {
      drawn = draw<T, WIDTH>(DISTRIBUTION_UNIFORM, s.shared.key, at.first, static_cast<u64>(s.shared.step.t));
    } else if constexpr (NOISE == NOISE_FROZEN) {
#pragma unroll
      for (u32 j = 0; j < WIDTH; j++) {
        drawn.x[j] = frozen.pairs[j / 2].x[j % 2];
      }
    }
    return drawn;
  }

  // The noise of a pair.
  __device__ __forceinline__ Elements<T, 2> epsilon(const Settings<T, R>& s, u32 offset, u32 present) const {
    if constexpr (NOISE == NOISE_GIVEN) {
      if (at.kind == NOISE_FRESH) {
        return draw<T, 2>(s.shared.distribution, s.shared.key, at.first + offset, static_cast<u64>(s.shared.step.t));
      }
      Pair<T> two;
      load(at.noise + offset, present, two);
      return opened(two);
    }
    return {};
  }

  // Whether full and aligned packs of eight have a shorter way.
  static constexpr bool SHORTER = !R::DISTINGUISHES || NOISE == NOISE_NONE;

  // Updates wide packs, the first of which is in x, up to the end or to one that is not ordinary; that one is in x then,
  // and the result is true.
  __device__ __forceinline__ bool updateOrdinary(const Settings<T, R>& s) {
    for (;;) {
      const Elements<T, WIDTH> f0 = scaled(s, at.gradient.opened(gradient));
      if (!ordinary(s, f0)) {
        return true;
      }
      update<S, R, R::DISTINGUISHES>(s, at.first, f0, epsilon(s), at.flags & NEGATED, x);
      at.storeWide(x);
      at.advance();
      if (at.left < static_cast<int>(WIDTH)) {
        return false;
      }
      loadWide();
    }
  }

  // Updates what is left, of any kind. `loaded`: the first pack is in x.
  __device__ __forceinline__ void updateRest(const Settings<T, R>& s, bool loaded) {
#pragma unroll 1
    for (; at.left > 0; at.advance()) {
      if (!loaded) {
        loadAny();
      }
      loaded = false;
      update<S, R, false>(s, at.first, scaled(s, at.gradient.opened(gradient)), epsilon(s), at.flags & NEGATED, x);
      at.storeAny(x);
    }
  }

  // Updates all packs, of any kind, with fresh noise that is not uniform. It is drawn before anything is loaded, since
  // it needs the registers.
  __device__ __forceinline__ void updateDrawn(const Settings<T, R>& s) {
#pragma unroll 1
    for (; at.left > 0; at.advance()) {
      const Elements<T, WIDTH> drawn =
          draw<T, WIDTH>(s.shared.distribution, s.shared.key, at.first, static_cast<u64>(s.shared.step.t));
      loadAny();
      update<S, R, false>(s, at.first, scaled(s, at.gradient.opened(gradient)), drawn, at.flags & NEGATED, x);
      at.storeAny(x);
    }
  }

  // Updates all packs, of any kind.
  __device__ __forceinline__ void updateNarrow(const Settings<T, R>& s) {
#pragma unroll 1
    while (at.left > 0) {
      if (!wide || !updateShorter(s)) {
        updatePairs(s);
      }
      if (wide) {
        at.storeWide(x);
      }
      at.advance();
      fetch();
    }
  }

  // Updates a pack of any kind, and leaves what it is observed by.
  __device__ __forceinline__ void observe(const Settings<T, R>& s, T* d, T* v) {
    if constexpr (!S::NARROW) {
      observeFetched(s, d, v);
    } else if (wide) {
      observeFetched(s, d, v);
    } else {
      const u32 count = at.present();
#pragma unroll 1
      for (u32 offset = 0; offset < count; offset += 2) {
        Operands<S, 2> two;
        at.loadPair(offset, count - offset, two);
        update<S, R, false>(s, at.first + offset, scaled(s, at.gradient.pair(offset, count - offset)), Elements<T, 2>{}, false, two);
        at.storePair(offset, count - offset, two);
        leave(two.d, d + offset);
        leave(two.v, v + offset);
      }
    }
  }

  __device__ __forceinline__ void observeFetched(const Settings<T, R>& s, T* d, T* v) {
    update<S, R, false>(s, at.first, scaled(s, at.gradient.opened(gradient)), Elements<T, WIDTH>{}, false, x);
    if constexpr (S::NARROW) {
      at.storeWide(x);
    } else {
      at.storeAny(x);
    }
    leave(x.d, d);
    leave(x.v, v);
  }

  // N numbers in shared memory, in accesses of 16 bytes where they fill them; also those of elements that are not there.
  template <u32 N>
  static __device__ __forceinline__ void leave(const Elements<T, N>& numbers, T* p) {
    constexpr u32 EACH = WIDE / sizeof(T);
    if constexpr (N % EACH == 0) {
#pragma unroll
      for (u32 i = 0; i < N; i += EACH) {
        Pair<T> pairs[EACH / 2];
#pragma unroll
        for (u32 j = 0; j < EACH / 2; j++) {
          pairs[j] = {numbers.x[i + 2 * j], numbers.x[i + 2 * j + 1]};
        }
        *reinterpret_cast<typename Access<T>::Type*>(p + i) = Access<T>::joined(pairs);
      }
    } else {
#pragma unroll
      for (u32 j = 0; j < N; j++) {
        p[j] = numbers.x[j];
      }
    }
  }

  // Updates a wide pack, if there is a shorter way for it.
  __device__ __forceinline__ bool updateShorter(const Settings<T, R>& s) {
    if constexpr (SHORTER) {
      const Elements<T, WIDTH> f0 = scaled(s, at.gradient.opened(gradient));
      if (ordinary(s, f0)) {
        update<S, R, R::DISTINGUISHES>(s, at.first, f0, epsilon(s), false, x);
        return true;
      }
    }
    return false;
  }

  // Updates a pack pair by pair: in x where it is wide, elsewhere in memory. Gradients come from memory in any case.
  __device__ __forceinline__ void updatePairs(const Settings<T, R>& s) {
    const u32 count = at.present();
#pragma unroll 1
    for (u32 offset = 0; offset < count; offset += 2) {
      const u32 present = count - offset;
      const Elements<T, 2> f0 = scaled(s, at.gradient.pair(offset, present));
      Operands<S, 2> two;
      if (wide) {
        take(two);
      } else {
        at.loadPair(offset, present, two);
      }
      update<S, R, false>(s, at.first + offset, f0, epsilon(s, offset, present), false, two);
      if (wide) {
        put(two);
      } else {
        at.storePair(offset, present, two);
      }
    }
  }

  // The first pair.
  __device__ __forceinline__ void take(Operands<S, 2>& two) const {
    two.value.pairs[0] = x.value.pairs[0];
    two.behind.pairs[0] = x.behind.pairs[0];
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      two.slots[i].pairs[0] = x.slots[i].pairs[0];
    }
  }

  // In its place the others', and behind them this one: in the end all are where they were.
  __device__ __forceinline__ void put(const Operands<S, 2>& two) {
    turn(x.value, two.value);
    turn(x.behind, two.behind);
#pragma unroll
    for (int i = 0; i < R::SLOTS; i++) {
      turn(x.slots[i], two.slots[i]);
    }
  }
};

// Elements of a chunk's part from `start` on that a tensor has, up to `size`; not above 0 where it ends before.
__device__ __forceinline__ int extent(const Tensor& tensor, u64 start, u32 size) {
  const long long rest = static_cast<long long>(tensor.length - start);
  return rest < static_cast<long long>(size) ? static_cast<int>(rest) : static_cast<int>(size);
}

template <class S, class R, u32 NOISE>
__device__ __forceinline__ void apply(const StepArguments& a) {
  using T = typename S::T;
  __shared__ Shared<T, R> shared;
  const u32 position = blockIdx.x >> a.splitting;
  const u32 part = blockIdx.x - (position << a.splitting);
  const bool busy = position < a.chunkCount;
  const Chunk chunk = busy ? a.chunks[a.chunkCount - 1 - position] : Chunk{};
  const Tensor& tensor = a.tensors[chunk.tensor];
  const Group& group = a.groups[tensor.group];
  const u32 size = CHUNK >> a.splitting;
  const u64 start = static_cast<u64>(chunk.number) * CHUNK + part * size;
  const u32 offset = threadIdx.x * S::WIDTH;

  // The first loads are on their way while the scalars are derived.
  Packs<S, R, NOISE> packs({a, tensor, start + offset, busy ? extent(tensor, start, size) - static_cast<int>(offset) : 0});

  // Threads of three warps derive the scalars side by side: binary64 divisions in all of them would keep the few units of
  // many GPUs busy, and one thread alone would keep the others waiting.
  if (threadIdx.x == 0) {
    shared.step = stepNumbers(a);
    shared.scalars =
        scalars<T>(a, shared.step, tensor, group, R::SCALES_GRADIENT_BY_RATE ? shared.step.rateFactor : 1.0);
    shared.key = group.seed ^ tensor.nameHash;
    shared.distribution = group.distribution;
  } else if (threadIdx.x == LANES) {
    const StepNumbers step = stepNumbers(a);
    if constexpr (R::KEEPS == KEEPS_NOTHING) {
      shared.rule = R::scalars(group.numbers, step.t, step.rateFactor);
    } else {
      shared.rule = R::scalars(group, a.kept + static_cast<u64>(chunk.tensor) * MOST_KEPT, step.t, step.rateFactor);
    }
    shared.ordinaryAbove = R::ordinaryAbove(shared.rule);
  } else if ((S::ROUNDS_VALUE || S::ROUNDS_STATE) && threadIdx.x == 2 * LANES) {
    shared.rounding = roundingKey(
        group.roundingSeed ^ tensor.nameHash, static_cast<u64>(stepNumbers(a).t), tensor.offset + start);
  }
  __syncthreads();
  const bool skip = shared.step.skip;
  const bool finishes = (a.flags & FINISHES) && threadIdx.x < LANES;
  u32 arrival = 0;
  if (!OBSERVES<R> && finishes && threadIdx.x == 0) {
    arrival = arrive(a);
  }

  if (!skip) {
    if constexpr (OBSERVES<R>) {
      __shared__ ObservedElements<T, OBSERVED<S>> observed;
      packs.updateObserved(a, tensor, shared, observed, busy ? extent(tensor, start, size) : 0, start / SUM_BLOCK);
    } else {
      packs.updateAll(shared);
    }
  } else if ((tensor.flags & ZERO_GRADIENT) && !(a.flags & REFUSES)) {
    // A skipped step leaves everything alone, but for gradients that ask to be zeroed; a refused one leaves those too.
    Gradients<S>(a, tensor, start).clearAll(busy ? extent(tensor, start, size) : 0);
  }
  if constexpr (S::UPDATES) {
    if (skip && !(a.flags & REFUSES)) {
      // What is left there will be added to the values.
      clear(static_cast<T*>(tensor.target) + start, busy ? extent(tensor, start, size) : 0);
    }
  }

  if (finishes) {
    if (OBSERVES<R> && threadIdx.x == 0) {
      arrival = arrive(a);  // not before the sums are there
    }
    __syncwarp();
    if (arrivedLast(__shfl_sync(ALL_LANES, arrival, 0))) {
      if constexpr (R::KEEPS != KEEPS_NOTHING) {
        if (!skip) {
          finishParameters<OBSERVES<R>>(a, shared.step.rateFactor, group.numbers[3], threadIdx.x);
        }
      }
      finish(a, shared.step, threadIdx.x);
    }
  }
}

}  // namespace nlar

#define NLAR_JOIN_(storage, rule, variant) nlar_apply_##storage##_##rule##_##variant
#define NLAR_JOIN(storage, rule, variant) NLAR_JOIN_(storage, rule, variant)
// A kernel: the end of its name, the code of its noise, its rule (which may have commas).
#define NLAR_APPLY(variant, NOISE, ...)                                                                        \
  extern "C" __global__ void __launch_bounds__(                                                                \
      nlar::APPLY_THREADS, nlar::RESIDENT_BLOCKS<nlar::NLAR_STORAGE, __VA_ARGS__, nlar::NOISE>)                \
      NLAR_JOIN(NLAR_STORAGE, NLAR_RULE, variant)(const __grid_constant__ nlar::StepArguments a) {             \
    nlar::apply<nlar::NLAR_STORAGE, __VA_ARGS__, nlar::NOISE>(a);                                              \
  }
// NLAR_STATE: the bits of an element of state in storage that has gradients of any type. Without state it cannot be
// compact; and beside narrow numbers one kernel takes both kinds of noise.
#ifdef NLAR_STATE
#define NLAR_NOISY(form, ...) NLAR_APPLY(form##_noise, NOISE_GIVEN, __VA_ARGS__)
#else
#define NLAR_NOISY(form, ...)                         \
  NLAR_APPLY(form##_frozen, NOISE_FROZEN, __VA_ARGS__) \
  NLAR_APPLY(form##_fresh, NOISE_FRESH, __VA_ARGS__)
#endif
#if defined(NLAR_STATE) && NLAR_STATE == 16
#define NLAR_STATELESS(...)
#else
#define NLAR_STATELESS(form, ...) NLAR_APPLY(form, NOISE_NONE, __VA_ARGS__)
#endif
#define NLAR_QUIET(form, ...) NLAR_APPLY(form, NOISE_NONE, __VA_ARGS__)

NLAR_KERNELS(NLAR_QUIET, NLAR_STATELESS, NLAR_NOISY, nlar::NLAR_STORAGE::T)
