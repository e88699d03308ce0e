// A power whose exponent is the number of a step.
#pragma once

#include "../layout.cuh"
#include "../real.cuh"

namespace nlar {

// x^t by squaring, from the lowest bit of t on: the same multiplications on every device.
__device__ __forceinline__ double power(double x, u64 t) {
  double result = 1;
  for (u64 bits = t; bits > 0; bits >>= 1) {
    if (bits & 1) {
      result = mul(result, x);
    }
    x = mul(x, x);
  }
  return result;
}

}  // namespace nlar
