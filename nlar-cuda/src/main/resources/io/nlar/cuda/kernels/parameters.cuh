// What rules keep of whole parameters, and what they learn (docs/numerics.md, "Averaged rules"): the sums of products of each
// block while it is updated, those of each tensor by whoever completes them, and at the end of the step, by one warp, the
// numbers of all tensors. Launches of such rules come last, those that observe behind the others.
#pragma once

#include "layout.cuh"
#include "real.cuh"
#include "sums.cuh"

namespace nlar {

// What is kept of a parameter.
constexpr u32 LOG_RATE = 0;
constexpr u32 PEAK = 0;
constexpr u32 AVERAGED = 1;
constexpr u32 EVIDENCE = 2;

// e^x as docs/numerics.md defines it, for x up to 709.
__device__ __forceinline__ double exponential(double x) {
  if (!(x > -708.0)) {
    return 0;
  }
  const double shifted = add(mul(x, 0x1.71547652b82fep0), 0x1.8p52);
  const double n = sub(shifted, 0x1.8p52);
  const double r = sub(sub(x, mul(n, 0x1.62e42feep-1)), mul(n, 0x1.a39ef35793c76p-33));
  double p = 1.6059043836821613e-10;
  p = add(mul(p, r), 2.08767569878681e-09);
  p = add(mul(p, r), 2.505210838544172e-08);
  p = add(mul(p, r), 2.755731922398589e-07);
  p = add(mul(p, r), 2.7557319223985893e-06);
  p = add(mul(p, r), 2.48015873015873e-05);
  p = add(mul(p, r), 0.0001984126984126984);
  p = add(mul(p, r), 0.001388888888888889);
  p = add(mul(p, r), 0.008333333333333333);
  p = add(mul(p, r), 0.041666666666666664);
  p = add(mul(p, r), 0.16666666666666666);
  p = add(mul(p, r), 0.5);
  p = add(mul(p, r), 1.0);
  p = add(mul(p, r), 1.0);
  return mul(p, number((bits(shifted) << 52) + 0x3FF0000000000000ull));
}

// a: the rate of a step, in its unit.
template <u32 KEEPS>
__device__ __forceinline__ double stepRate(const double* numbers, const double* kept, double k) {
  return mul(k, KEEPS == KEEPS_LOG_RATE ? exponential(kept[LOG_RATE]) : numbers[4]);
}

// The root of w, from a.
template <u32 KEEPS>
__device__ __forceinline__ double rootOfWeight(double own, const double* kept) {
  return KEEPS == KEEPS_LOG_RATE || own > kept[PEAK] ? own : kept[PEAK];
}

// What N elements, of whole blocks, are observed by, in shared memory.
template <class T, u32 N>
struct ObservedElements {
  alignas(WIDE) T d[N];
  alignas(WIDE) T v[N];
};

__device__ __forceinline__ double accumulate(double sum, float a, float b) {
  return __fma_rn(static_cast<double>(a), static_cast<double>(b), sum);
}
__device__ __forceinline__ double accumulate(double sum, double a, double b) { return add(sum, mul(a, b)); }

// Leaves the sums of products of blocks with `rest` elements in all from `out` on: a warp takes the three of a block.
template <class T, u32 N>
__device__ __forceinline__ void sumProducts(const StepArguments& a, const ObservedElements<T, N>& observed, int rest, u64 out) {
  const u32 block = threadIdx.x / LANES;
  const u32 lane = threadIdx.x % LANES;
  rest -= static_cast<int>(block * SUM_BLOCK);
  if (block >= N / SUM_BLOCK || rest <= 0) {
    return;
  }
  const u32 count = rest < static_cast<int>(SUM_BLOCK) ? static_cast<u32>(rest) : SUM_BLOCK;
  const T* const d = observed.d + block * SUM_BLOCK;
  const T* const v = observed.v + block * SUM_BLOCK;
  double sums[PRODUCTS] = {};
#pragma unroll 4
  for (u32 i = lane; i < count; i += LANES) {
    sums[0] = accumulate(sums[0], d[i], v[i]);
    sums[1] = accumulate(sums[1], d[i], d[i]);
    sums[2] = accumulate(sums[2], v[i], v[i]);
  }
  __syncwarp();
#pragma unroll
  for (u32 q = 0; q < PRODUCTS; q++) {
    const double sum = folded(sums[q]);
    if (lane == 0) {
      a.products[q * a.values + out + block] = sum;
    }
  }
}

// A sum of sums, as blockSum, with half of a lane's loads on their way at once and a single path, since this code is in every
// kernel that observes.
__device__ __forceinline__ double innerSum(const double* values, u32 count, u32 lane) {
  constexpr u32 AT_ONCE = SUM_BLOCK / LANES / 2;
  double sum = 0;
#pragma unroll 1
  for (u32 start = 0; start < count; start += AT_ONCE * LANES) {
    double x[AT_ONCE];
#pragma unroll
    for (u32 j = 0; j < AT_ONCE; j++) {
      const u32 i = start + j * LANES + lane;
      x[j] = __ldcg(values + (i < count ? i : 0));  // no branch between the loads
    }
#pragma unroll
    for (u32 j = 0; j < AT_ONCE; j++) {
      sum = add(sum, start + j * LANES + lane < count ? x[j] : 0.0);
    }
  }
  __syncwarp();
  return folded(sum);
}

// Arrival of a chunk's part of a tensor, `block` being the first of its blocks and `blocks` how many a part has, by a whole warp;
// the sums end at the tensor's own. One arrival a part, as of the sums of squares.
__device__ __forceinline__ void climbProducts(const StepArguments& a, const Tensor& tensor, u64 block, u32 blocks, u32 lane) {
  const u64 own = 1 + static_cast<u64>(tensor.index);
  if (tensor.partials == own) {
    return;
  }
  u32 number = tensor.node + static_cast<u32>(block / SUM_BLOCK);
  u32 arrivals = (a.nodes[number].count + blocks - 1) / blocks;
  for (;;) {
    if (arrivals > 1 && !completes(a, number, arrivals, lane)) {
      return;
    }
    const Node node = a.nodes[number];
#pragma unroll 1
    for (u32 q = 0; q < PRODUCTS; q++) {
      double* const values = a.products + q * a.values;
      const double sum = innerSum(values + node.in, node.count, lane);
      if (lane == 0) {
        values[node.out] = sum;
      }
    }
    if (node.out == own) {
      return;
    }
    number = node.parent;
    arrivals = a.nodes[number].count;
  }
}

// What the rule of a tensor that takes part in the step keeps of it.
__device__ __forceinline__ u32 keeps(const StepArguments& a, const Tensor& tensor) {
  return tensor.gradient == nullptr || tensor.length == 0 ? KEEPS_NOTHING : a.groups[tensor.group].keeps;
}

// The three sums over all tensors that are observed, by a warp: 32 lanes, in which they come in turn. In all lanes.
__device__ __forceinline__ void totalProducts(const StepArguments& a, u32 lane, double (&totals)[PRODUCTS]) {
  double sums[PRODUCTS] = {};
#pragma unroll 4
  for (u32 i = lane; i < a.tensorCount; i += LANES) {
    const bool observed = keeps(a, a.tensors[i]) == KEEPS_LOG_RATE;
#pragma unroll
    for (u32 q = 0; q < PRODUCTS; q++) {
      sums[q] = observed ? add(sums[q], __ldcg(a.products + q * a.values + 1 + i)) : sums[q];
    }
  }
  __syncwarp();
#pragma unroll
  for (u32 q = 0; q < PRODUCTS; q++) {
    totals[q] = __shfl_sync(ALL_LANES, folded(sums[q]), 0);
  }
}

__device__ __forceinline__ bool positive(double scale) { return scale > 0 && finite(scale); }

// What a tensor learns from s of the step.
__device__ __forceinline__ void learn(const StepArguments& a, const double* numbers, double* kept, u32 tensor, double s) {
  const double* const own = a.products + 1 + tensor;
  const double scale = mul(__ldcg(own + a.values), __ldcg(own + 2 * a.values));
  if (positive(scale)) {
    const double evidence = add(div(-__ldcg(own), root(scale)), numbers[7]);
    const double most = kept[LOG_RATE] < 0 ? -kept[LOG_RATE] : 0.0;  // s raises rates to 1 only
    const double growth = s > 0 ? div(mul(numbers[5], s), add(1.0, kept[EVIDENCE])) : 0.0;
    const double grown = add(kept[LOG_RATE], add(growth < most ? growth : most, mul(numbers[6], evidence)));
    kept[LOG_RATE] = grown < numbers[4] ? grown : numbers[4];
  }
  kept[EVIDENCE] = add(kept[EVIDENCE], sub(1.0, s));
}

// The end of a step for all that is kept of tensors; by the warp whose lane 0 has arrived last. OBSERVES: there may be
// tensors that learn; `unit` is the root of N.
template <bool OBSERVES>
__device__ __forceinline__ void finishParameters(const StepArguments& a, double k, double unit, u32 lane) {
  fence();  // the others' sums are read after their arrivals, and what they have read is written
  __syncwarp();     // by all lanes, not by the one that arrived alone
  bool learns = false;
  double s = 0;
  if constexpr (OBSERVES) {
    double totals[PRODUCTS];
    totalProducts(a, lane, totals);
    const double scale = mul(totals[1], totals[2]);
    learns = positive(scale);
    if (learns) {
      const double z = div(mul(unit, -totals[0]), root(scale));
      s = div(z, add(1.0, magnitude(z)));
    }
  }
  for (u32 i = lane; i < a.tensorCount; i += LANES) {
    const u32 kind = keeps(a, a.tensors[i]);
    const double* const numbers = a.groups[a.tensors[i].group].numbers;
    double* const kept = a.kept + static_cast<u64>(i) * MOST_KEPT;
    if (kind == KEEPS_PEAK) {
      const double rate = rootOfWeight<KEEPS_PEAK>(stepRate<KEEPS_PEAK>(numbers, kept, k), kept);
      kept[AVERAGED] = add(kept[AVERAGED], mul(rate, rate));
      kept[PEAK] = rate;
    } else if (OBSERVES && kind == KEEPS_LOG_RATE) {
      const double rate = stepRate<KEEPS_LOG_RATE>(numbers, kept, k);
      kept[AVERAGED] = add(kept[AVERAGED], mul(rate, rate));
      if (learns) {
        learn(a, numbers, kept, i, s);
      }
    }
  }
  __syncwarp();
}

}  // namespace nlar
