// Yardsticks on CUDA devices. nlar-bench/build-ptx makes the PTX beside this file from it.

#include <stddef.h>
#include <stdint.h>

#define FOR_ELEMENTS(i, n) \
  for (size_t i = (size_t) blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += (size_t) gridDim.x * blockDim.x)

// The two passes of a step with momentum, without arithmetic, in words of 16 bytes. What is loaded must go somewhere, or
// the compiler would drop the load: g goes into an OR (the one operation) whose result is all but never written, and
// theta, v, D, A are stored one array further on.

static const unsigned IMPROBABLE = 0x9e3779b9u;

static __device__ unsigned merged(uint4 x) {
  return x.x | x.y | x.z | x.w;
}

extern "C" __global__ void reduce_pass(const uint4 *__restrict__ g, size_t n, unsigned *sink) {
  unsigned seen = 0;
  FOR_ELEMENTS(i, n) {
    seen |= merged(g[i]);
  }
  if (seen == IMPROBABLE) {
    *sink = seen;
  }
}

extern "C" __global__ void apply_pass(const uint4 *__restrict__ g, uint4 *__restrict__ theta, uint4 *__restrict__ v,
    uint4 *__restrict__ rate, uint4 *__restrict__ weight, size_t n, unsigned *sink) {
  unsigned seen = 0;
  FOR_ELEMENTS(i, n) {
    seen |= merged(g[i]);
    uint4 old_theta = theta[i];
    uint4 old_v = v[i];
    uint4 old_rate = rate[i];
    uint4 old_weight = weight[i];
    theta[i] = old_v;
    v[i] = old_rate;
    rate[i] = old_weight;
    weight[i] = old_theta;
  }
  if (seen == IMPROBABLE) {
    *sink = seen;
  }
}

// The operations of the unfused step that cuBLAS does not have. x and y are read, z is written.

extern "C" __global__ void shift(float a, const float *x, const float *y, float *z, size_t n) {
  FOR_ELEMENTS(i, n) {
    z[i] = a + x[i];
  }
}

extern "C" __global__ void absolute(float a, const float *x, const float *y, float *z, size_t n) {
  FOR_ELEMENTS(i, n) {
    z[i] = fabsf(x[i]);
  }
}

extern "C" __global__ void reciprocal(float a, const float *x, const float *y, float *z, size_t n) {
  FOR_ELEMENTS(i, n) {
    z[i] = a / x[i];
  }
}

extern "C" __global__ void multiply(float a, const float *x, const float *y, float *z, size_t n) {
  FOR_ELEMENTS(i, n) {
    z[i] = x[i] * y[i];
  }
}

extern "C" __global__ void divide(float a, const float *x, const float *y, float *z, size_t n) {
  FOR_ELEMENTS(i, n) {
    z[i] = x[i] / y[i];
  }
}
