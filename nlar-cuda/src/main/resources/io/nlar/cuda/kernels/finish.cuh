// The end of a step: one warp closes it in the control block.
#pragma once

#include "layout.cuh"
#include "real.cuh"
#include "scalars.cuh"
#include "sums.cuh"

namespace nlar {

// Arrival of a thread block that has read all that `finish` is going to change; by one thread of it. Whether it was the
// last one is asked of the result later, so that nothing waits for the counter.
__device__ __forceinline__ u32 arrive(const StepArguments& a) {
  fence();  // what was read was read before the arrival
  return atomicInc(a.arrivals, gridDim.x - 1);
}

__device__ __forceinline__ bool arrivedLast(u32 arrival) { return arrival == gridDim.x - 1; }

// The first tensor whose sum of squares is not finite, or the number of tensors; by a whole warp, valid in lane 0.
__device__ __forceinline__ u32 offender(const StepArguments& a, u32 lane) {
  u32 first = a.tensorCount;
  for (u32 i = lane; i < a.tensorCount && first == a.tensorCount; i += LANES) {
    if (!finite(a.sums[1 + i])) {
      first = i;
    }
  }
  __syncwarp();
#pragma unroll
  for (u32 distance = LANES / 2; distance > 0; distance /= 2) {
    const u32 other = __shfl_down_sync(ALL_LANES, first, distance);
    first = other < first ? other : first;
  }
  return first;
}

// Counts the step, leaves its scalars and its norm, and records a refusal for the host. Called by the whole warp whose
// lane 0 has arrived last.
__device__ __forceinline__ void finish(const StepArguments& a, const StepNumbers& step, u32 lane) {
  fence();  // what the others read was read before their arrivals; what follows is written after those
  const bool refused = step.skip && (a.flags & REFUSES);
  const u32 culprit = refused ? offender(a, lane) : 0;
  if (lane != 0) {
    return;
  }
  double* control = a.control;
  control[GRADIENT_SCALE] = step.gradientScale;
  control[RATE_FACTOR] = step.rateFactor;
  control[NORM] = a.flags & REDUCED ? mul(step.gradientScale, root(a.sums[0])) : nan("");
  control[COMPLETED] = add(control[COMPLETED], 1.0);
  control[LAST_SKIPPED] = step.skip ? 1.0 : 0.0;
  if (step.skip) {
    control[SKIPPED] = add(control[SKIPPED], 1.0);
  } else {
    control[APPLIED] = step.t;
  }
  if (refused) {
    Refusal& refusal = a.refusals[a.ticket % REFUSALS];
    refusal.offender = culprit;
    __threadfence_system();  // the ring lies in host memory
    refusal.ticket = a.ticket;
    __threadfence_system();
  }
}

}  // namespace nlar
