// Storage: how the elements of a parameter group are kept, and their way from there into the arithmetic and back
// (docs/numerics.md, "Low precision"). What is kept may be 16 bits wide; what is computed is T. All conversions give the
// bits that integer operations define, the same on every device.
//
// In registers two consecutive elements of 16 bits are one word, the first in its lower half.
#pragma once

#include "layout.cuh"
#include "real.cuh"

namespace nlar {

using u16 = unsigned short;

// What lies in memory beside float and double.
struct Bfloat16 {
  u16 bits;
};
struct Float16 {
  u16 bits;
};
// The lower half of the exact value, of which a bfloat16 value is the rounded upper half.
struct Remainder {
  u16 bits;
};
// Behind a value that is exact itself.
struct Nothing {};
// Gradients of the type that the launch says, float or 16 bits wide.
struct AnyGradient {
  u16 bits;
};

// N consecutive elements of a tensor, in registers and in T.
template <class T, u32 N>
struct Elements {
  T x[N];
};

// Two consecutive elements as they are kept.
template <class S, bool NARROW = sizeof(S) == sizeof(u16)>
struct Pair {
  S x[2];
};
template <class S>
struct Pair<S, true> {
  u32 word;
};

// N consecutive elements as they are kept.
template <class S, u32 N>
struct Pack {
  Pair<S> pairs[N / 2];
};

// ---- opened: as they are computed in

template <class T>
__device__ __forceinline__ Elements<T, 2> opened(const Pair<T, false>& p) {
  return {p.x[0], p.x[1]};
}

__device__ __forceinline__ Elements<float, 2> opened(const Pair<Bfloat16>& p) {
  return {number(p.word << 16), number(p.word & 0xFFFF0000u)};
}

// A float16 from its sign and its magnitude, which stands where a float has exponent and fraction: less by 2^112 then,
// below its smallest normal number too. Infinities and NaNs get the exponent that they have in a float.
__device__ __forceinline__ float widened(u32 sign, u32 magnitude) {
  return number(bits(mul(number(sign | magnitude), 0x1p112f)) | (magnitude < 0x0F800000u ? 0 : 0x7F800000u));
}

__device__ __forceinline__ Elements<float, 2> opened(const Pair<Float16>& p) {
  return {widened(p.word << 16 & 0x80000000u, p.word << 13 & 0x0FFFE000u),
          widened(p.word & 0x80000000u, p.word >> 3 & 0x0FFFE000u)};
}

// A value that is exact itself.
template <class S>
__device__ __forceinline__ auto opened(const Pair<S>& value, const Pair<Nothing>&) {
  return opened(value);
}

// A float from its rounded upper half, with zeros below, and its lower one. Beside a zero that somebody wrote into the
// upper half, that zero.
__device__ __forceinline__ float joined(u32 upper, u32 lower) {
  const u32 up = lower & 0x8000u;
  return number(up != 0 && upper << 1 == 0 ? upper : (upper | lower) - (up << 1));
}

__device__ __forceinline__ Elements<float, 2> opened(const Pair<Bfloat16>& value, const Pair<Remainder>& behind) {
  return {joined(value.word << 16, behind.word & 0xFFFFu), joined(value.word & 0xFFFF0000u, behind.word >> 16)};
}

__device__ __forceinline__ Elements<float, 2> opened(const Pair<Float16>&, const Pair<float>& master) {
  return opened(master);
}

// ---- random bits

// Odd numbers by which the slots' random bits are made of an element's.
constexpr u32 ROUND_RATE = 1;
constexpr u32 ROUND_WEIGHT = 0x134D;
constexpr u32 ROUND_VELOCITY = 0x8529;
constexpr u32 ROUND_PREVIOUS = 0x6C2D;
constexpr u32 ROUND_VALUE = 0x1855;

__device__ __forceinline__ u64 mix64(u64 z) {
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

// K: once a tensor, step and 2^33 elements, of which `first` is one.
__device__ __forceinline__ u64 roundingKey(u64 key, u64 t, u64 first) {
  return mix64(mix64(key + 0x9E3779B97F4A7C15u * t) + 0xD1B54A32D192ED03u * ((first >> 33) + 1));
}

// Random bits of the elements from `first`, an even number, on: 16 for each, in the order in which a word holds two.
__device__ __forceinline__ u32 randomBits(u64 roundingKey, u64 first) {
  u32 x = static_cast<u32>(first >> 1) * 0x9E3779B9u + static_cast<u32>(roundingKey);
  x = (x ^ x >> 16) * 0x7FEB352Du;
  x ^= static_cast<u32>(roundingKey >> 32);
  x = (x ^ x >> 15) * 0x846CA68Bu;
  return x ^ x >> 16;
}

// ---- kept: as they lie in memory

// Two words of which each counts by its upper half.
__device__ __forceinline__ u32 upperHalves(u32 first, u32 second) { return first >> 16 | (second & 0xFFFF0000u); }

// SR(x, r) in the upper half: what is cut off is carried into it where it is more than r, unless that would be beyond the
// largest finite number.
__device__ __forceinline__ u32 stochastic(float x, u32 r, u32 multiplier) {
  const u32 carry = (r * (0x10000u - multiplier) + 0xFFFFu) & 0xFFFFu;  // 0xFFFF - (r multiplier mod 2^16)
  return bits(x) + (magnitude(x) < 0x1.FEp127f ? carry : 0);
}

// State, where it is kept in T.
template <class T>
__device__ __forceinline__ void keep(const Elements<T, 2>& x, u32, u32, Pair<T>& state) {
  state = {x.x[0], x.x[1]};
}

// `random`: of randomBits.
__device__ __forceinline__ void keep(
    const Elements<float, 2>& x, u32 random, u32 multiplier, Pair<Bfloat16>& state) {
  state.word = upperHalves(
      stochastic(x.x[0], random & 0xFFFFu, multiplier), stochastic(x.x[1], random >> 16, multiplier));
}

// A value, and what is kept behind it.
template <class S, class T>
__device__ __forceinline__ void keepValue(
    const Elements<T, 2>& theta, u32 random, Pair<S>& value, Pair<Nothing>&) {
  keep(theta, random, ROUND_VALUE, value);
}

// To nearest, ties away from zero.
__device__ __forceinline__ u32 nearest(float x) {
  return bits(x) + (magnitude(x) <= 0x1.FFFFFEp127f ? 0x8000u : 0);
}

__device__ __forceinline__ void keepValue(
    const Elements<float, 2>& theta, u32, Pair<Bfloat16>& value, Pair<Remainder>& behind) {
  value.word = upperHalves(nearest(theta.x[0]), nearest(theta.x[1]));
  behind.word = (bits(theta.x[0]) & 0xFFFFu) | bits(theta.x[1]) << 16;
}

// A float16 to nearest even.
__device__ __forceinline__ u32 narrowed(float x) {
  const u32 a = bits(x) & 0x7FFFFFFFu;
  const u32 normal = (a + 0xFFFu + (a >> 13 & 1u) - 0x38000000u) >> 13;
  const u32 small = bits(add(number(a), 0.5f)) - 0x3F000000u;
  const u32 large = a > 0x7F800000u ? 0x7E00u : 0x7C00u;
  return (a >= 0x47800000u ? large : a < 0x38800000u ? small : normal) | (bits(x) >> 16 & 0x8000u);
}

__device__ __forceinline__ void keepValue(
    const Elements<float, 2>& theta, u32, Pair<Float16>& value, Pair<float>& master) {
  value.word = narrowed(theta.x[0]) | narrowed(theta.x[1]) << 16;
  master = {theta.x[0], theta.x[1]};
}

// ---- the kinds

template <class A, class B>
constexpr bool SAME = false;
template <class A>
constexpr bool SAME<A, A> = true;

// T; what values are kept as, and what behind them; what the rule's state is kept as; gradients.
template <class T_, class Value_, class Behind_, class State_, class Gradient_, bool UPDATES_ = false>
struct Storage {
  using T = T_;
  using Value = Value_;
  using Behind = Behind_;
  using State = State_;
  using Gradient = Gradient_;
  // Whether updates are written, and values left alone.
  static constexpr bool UPDATES = UPDATES_;
  // Whether anything is 16 bits wide.
  static constexpr bool NARROW = sizeof(Value) == 2 || sizeof(State) == 2 || sizeof(Gradient) == 2;
  // Elements of a pack: 16 bytes of the narrowest.
  static constexpr u32 WIDTH = WIDE / (NARROW ? sizeof(u16) : sizeof(T));
  static constexpr bool ROUNDS_STATE = sizeof(State) < sizeof(T);
  static constexpr bool ROUNDS_VALUE = sizeof(Value) < sizeof(T) && SAME<Behind, Nothing>;
  static constexpr bool HAS_BEHIND = !SAME<Behind, Nothing>;
  // A float master makes the value's bits.
  static constexpr bool READS_VALUE = !SAME<Behind, float>;
  // All of it is float but gradients, which are narrow then.
  static constexpr bool FLOAT_GRADIENTS = !SAME<Gradient, AnyGradient> || sizeof(Value) == 2 || sizeof(State) == 2;
};

// By the names of modules (io.nlar.cuda.KernelNames): what is all of one type; and with gradients of any type the value,
// r for a remainder and m for a master, and behind s the bits of state. A u is for updates instead of values.
using f32 = Storage<float, float, Nothing, float, float>;
using f64 = Storage<double, double, Nothing, double, double>;
using f32u = Storage<float, float, Nothing, float, float, true>;
using f64u = Storage<double, double, Nothing, double, double, true>;
using f32_s32 = Storage<float, float, Nothing, float, AnyGradient>;
using f32_s16 = Storage<float, float, Nothing, Bfloat16, AnyGradient>;
using bf16_s32 = Storage<float, Bfloat16, Nothing, float, AnyGradient>;
using bf16_s16 = Storage<float, Bfloat16, Nothing, Bfloat16, AnyGradient>;
using bf16r_s32 = Storage<float, Bfloat16, Remainder, float, AnyGradient>;
using bf16r_s16 = Storage<float, Bfloat16, Remainder, Bfloat16, AnyGradient>;
using f16m_s32 = Storage<float, Float16, float, float, AnyGradient>;
using f16m_s16 = Storage<float, Float16, float, Bfloat16, AnyGradient>;

}  // namespace nlar
