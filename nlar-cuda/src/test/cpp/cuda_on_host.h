// Enough of CUDA C++ to compile the kernels' sources, unchanged, for the host and to execute them there: every thread
// of a thread block is a fiber, and barriers and shuffles really wait for the others (cuda_on_host.cpp).
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#define __device__
#define __global__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__
#define __shared__ static  // one thread block runs at a time

struct uint3 {
  unsigned x, y, z;
};

namespace host {

extern uint3 threadIdx;
extern uint3 blockIdx;
extern uint3 blockDim;
extern uint3 gridDim;

// Waits for all threads of the block that have not ended.
void blockBarrier();
// Waits for all threads of the warp that have not ended.
void warpBarrier();
// Exchanges 8 bytes with lane `source` of the warp; a lane outside it gets its own value back.
uint64_t exchange(uint64_t value, unsigned source);

}  // namespace host

using host::blockDim;
using host::blockIdx;
using host::gridDim;
using host::threadIdx;

inline void __syncthreads() { host::blockBarrier(); }
inline void __syncwarp() { host::warpBarrier(); }

template <class T>
inline T shuffle(T value, unsigned source) {
  static_assert(sizeof(T) <= sizeof(uint64_t));
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = host::exchange(bits, source);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

template <class T>
inline T __shfl_sync(unsigned, T value, unsigned lane) {
  return shuffle(value, lane);
}

template <class T>
inline T __shfl_down_sync(unsigned, T value, unsigned distance) {
  return shuffle(value, threadIdx.x % 32 + distance);
}

// One fiber runs at a time, so that plain operations are atomic, and everything is visible at once.
inline void __threadfence() {}
inline void __threadfence_system() {}

inline unsigned atomicInc(unsigned* address, unsigned limit) {
  const unsigned old = *address;
  *address = old >= limit ? 0 : old + 1;
  return old;
}

struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(16) double2 {
  double x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline double2 make_double2(double x, double y) { return {x, y}; }

// A GPU faults on an access that is not aligned to its size; so does this.
template <class T>
inline T* checked(T* p) {
  if (reinterpret_cast<uintptr_t>(p) % sizeof(T) != 0) {
    std::abort();
  }
  return p;
}

template <class T>
inline T __ldcs(const T* p) {
  return *checked(p);
}
template <class T>
inline T __ldcg(const T* p) {
  return *checked(p);
}
template <class T>
inline void __stcs(T* p, T value) {
  *checked(p) = value;
}

// Compiled with -ffp-contract=off, each of these is one IEEE operation.
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double a) { return std::sqrt(a); }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
inline float __double2float_rn(double a) { return static_cast<float>(a); }

inline unsigned __float_as_uint(float a) {
  unsigned bits;
  std::memcpy(&bits, &a, sizeof bits);
  return bits;
}
inline float __uint_as_float(unsigned bits) {
  float a;
  std::memcpy(&a, &bits, sizeof a);
  return a;
}
inline long long __double_as_longlong(double a) {
  long long bits;
  std::memcpy(&bits, &a, sizeof bits);
  return bits;
}
inline double __longlong_as_double(long long bits) {
  double a;
  std::memcpy(&a, &bits, sizeof a);
  return a;
}

using std::nan;
