// Arithmetic that no compiler may contract. PTX operations without a rounding mode may be fused by the assembler, so
// every operation on elements and scalars goes through these: each is one IEEE operation, rounded to nearest even.
#pragma once

#include "layout.cuh"

namespace nlar {

__device__ __forceinline__ float add(float a, float b) { return __fadd_rn(a, b); }
__device__ __forceinline__ float sub(float a, float b) { return __fsub_rn(a, b); }
__device__ __forceinline__ float mul(float a, float b) { return __fmul_rn(a, b); }
__device__ __forceinline__ float div(float a, float b) { return __fdiv_rn(a, b); }
__device__ __forceinline__ float root(float a) { return __fsqrt_rn(a); }
__device__ __forceinline__ float magnitude(float a) { return fabsf(a); }
__device__ __forceinline__ float smaller(float a, float b) { return fminf(a, b); }
__device__ __forceinline__ float withSign(float a, float sign) { return copysignf(a, sign); }

__device__ __forceinline__ double add(double a, double b) { return __dadd_rn(a, b); }
__device__ __forceinline__ double sub(double a, double b) { return __dsub_rn(a, b); }
__device__ __forceinline__ double mul(double a, double b) { return __dmul_rn(a, b); }
__device__ __forceinline__ double div(double a, double b) { return __ddiv_rn(a, b); }
__device__ __forceinline__ double root(double a) { return __dsqrt_rn(a); }
__device__ __forceinline__ double magnitude(double a) { return fabs(a); }
__device__ __forceinline__ double smaller(double a, double b) { return fmin(a, b); }
__device__ __forceinline__ double withSign(double a, double sign) { return copysign(a, sign); }

// A number's pattern, and the number of a pattern.
__device__ __forceinline__ u32 bits(float a) { return __float_as_uint(a); }
__device__ __forceinline__ float number(u32 a) { return __uint_as_float(a); }
__device__ __forceinline__ u64 bits(double a) { return static_cast<u64>(__double_as_longlong(a)); }
__device__ __forceinline__ double number(u64 a) { return __longlong_as_double(static_cast<long long>(a)); }

// A binary64 number rounded to T once.
template <class T>
__device__ __forceinline__ T rounded(double a);
template <>
__device__ __forceinline__ float rounded<float>(double a) { return __double2float_rn(a); }
template <>
__device__ __forceinline__ double rounded<double>(double a) { return a; }

// The largest finite T.
template <class T>
__device__ __forceinline__ double largest();
template <>
__device__ __forceinline__ double largest<float>() { return 0x1.fffffep127; }
template <>
__device__ __forceinline__ double largest<double>() { return 0x1.fffffffffffffp1023; }

__device__ __forceinline__ bool finite(double a) { return magnitude(a) <= largest<double>(); }

}  // namespace nlar
