// A thread's way through the gradients of a tensor. Where a kernel takes them in any type, the launch says which: all
// threads branch alike, and everything behind the loads is the same.
#pragma once

#include "layout.cuh"
#include "memory.cuh"
#include "storage.cuh"

namespace nlar {

// Gradients of the type that the kernel is made for.
template <class S, class G = typename S::Gradient>
class Gradients {
 public:
  using Kept = Pack<G, S::WIDTH>;

  __device__ __forceinline__ Gradients(const StepArguments&, const Tensor& tensor, u64 first)
      : at(static_cast<G*>(tensor.gradient) + first) {}

  __device__ __forceinline__ void advance(u32 elements) { at += elements; }

  __device__ __forceinline__ void loadWide(Kept& kept) const { loadAligned(at, kept); }

  __device__ __forceinline__ void load(u32 present, bool aligned, Kept& kept) const {
    nlar::load(at, present, aligned, kept);
  }

  __device__ __forceinline__ Elements<G, S::WIDTH> opened(const Kept& kept) const {
    Elements<G, S::WIDTH> g;
#pragma unroll
    for (u32 j = 0; j < S::WIDTH; j++) {
      g.x[j] = kept.pairs[j / 2].x[j % 2];
    }
    return g;
  }

  __device__ __forceinline__ void clearWide() const { storeAligned(at, Kept{}); }

  __device__ __forceinline__ void clear(u32 present, bool aligned) const { store(at, Kept{}, present, aligned); }

  // By all threads of a thread block.
  __device__ __forceinline__ void clearAll(int count) const { nlar::clear(at, count); }

 private:
  G* at;
};

template <class S>
class Gradients<S, AnyGradient> {
 public:
  // As many words as the widest type takes.
  struct Kept {
    u32 words[S::FLOAT_GRADIENTS ? S::WIDTH : S::WIDTH / 2];
  };

  __device__ __forceinline__ Gradients(const StepArguments& a, const Tensor& tensor, u64 first)
      : type(a.gradient), at(static_cast<char*>(tensor.gradient) + (first << shift())) {}

  __device__ __forceinline__ void advance(u32 elements) { at += elements << shift(); }

  __device__ __forceinline__ void loadWide(Kept& kept) const {
    if (floats()) {
      loadAs<float>(kept);
    } else {
      loadAs<Remainder>(kept);
    }
  }

  __device__ __forceinline__ Elements<float, S::WIDTH> opened(const Kept& kept) const {
    return floats() ? openedAs<float>(kept) : type == GRADIENT_BFLOAT16 ? openedAs<Bfloat16>(kept) : openedAs<Float16>(kept);
  }

  // The first one or two of the two elements from `offset` on.
  __device__ __forceinline__ Elements<float, 2> pair(u32 offset, u32 present) const {
    if (floats()) {
      return pairAs<float>(offset, present);
    }
    return type == GRADIENT_BFLOAT16 ? pairAs<Bfloat16>(offset, present) : pairAs<Float16>(offset, present);
  }

  __device__ __forceinline__ void clearWide() const {
    if (floats()) {
      storeAligned(reinterpret_cast<float*>(at), Pack<float, S::WIDTH>{});
    } else {
      storeAligned(reinterpret_cast<Remainder*>(at), Pack<Remainder, S::WIDTH>{});
    }
  }

  __device__ __forceinline__ void clearPair(u32 offset, u32 present) const {
    if (floats()) {
      store(reinterpret_cast<float*>(at) + offset, present, Pair<float>{});
    } else {
      store(reinterpret_cast<Remainder*>(at) + offset, present, Pair<Remainder>{});
    }
  }

  __device__ __forceinline__ void clearAll(int count) const {
    nlar::clear(reinterpret_cast<u16*>(at), floats() ? 2 * count : count);
  }

 private:
  u32 type;
  char* at;

  __device__ __forceinline__ bool floats() const { return S::FLOAT_GRADIENTS && type == GRADIENT_FLOAT32; }

  __device__ __forceinline__ u32 shift() const { return floats() ? 2 : 1; }

  template <class G>
  __device__ __forceinline__ void loadAs(Kept& kept) const {
    Pack<G, S::WIDTH> pack;
    loadAligned(reinterpret_cast<const G*>(at), pack);
#pragma unroll
    for (u32 i = 0; i < S::WIDTH / 2; i++) {
      if constexpr (sizeof(G) == sizeof(float)) {
        kept.words[2 * i] = bits(pack.pairs[i].x[0]);
        kept.words[2 * i + 1] = bits(pack.pairs[i].x[1]);
      } else {
        kept.words[i] = pack.pairs[i].word;
      }
    }
  }

  template <class G>
  __device__ __forceinline__ Elements<float, S::WIDTH> openedAs(const Kept& kept) const {
    Elements<float, S::WIDTH> g;
#pragma unroll
    for (u32 i = 0; i < S::WIDTH / 2; i++) {
      Elements<float, 2> two;
      if constexpr (sizeof(G) == sizeof(float)) {
        two = {number(kept.words[2 * i]), number(kept.words[2 * i + 1])};
      } else {
        two = nlar::opened(Pair<G>{kept.words[i]});
      }
      g.x[2 * i] = two.x[0];
      g.x[2 * i + 1] = two.x[1];
    }
    return g;
  }

  template <class G>
  __device__ __forceinline__ Elements<float, 2> pairAs(u32 offset, u32 present) const {
    Pair<G> two;
    nlar::load(reinterpret_cast<const G*>(at) + offset, present, two);
    return nlar::opened(two);
  }
};

}  // namespace nlar
