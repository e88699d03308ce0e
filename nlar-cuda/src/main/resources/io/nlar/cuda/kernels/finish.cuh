// The end of a step: one thread block closes it in the control block.
#pragma once

#include "layout.cuh"
#include "real.cuh"
#include "scalars.cuh"

namespace nlar {

// Arrival of a thread block that has read all that `finish` is going to change. True for the last one to arrive.
__device__ __forceinline__ bool arrivesLast(const StepArguments& a) {
  if (!(a.flags & FINISHES)) {
    return false;
  }
  __threadfence();
  const u32 last = gridDim.x - 1;
  return atomicInc(a.arrivals, last) == last;
}

// The first tensor whose sum of squares is not finite, or the number of tensors; by the whole thread block.
__device__ __forceinline__ u32 offender(const StepArguments& a) {
  __shared__ u32 first;
  if (threadIdx.x == 0) {
    first = a.tensorCount;
  }
  __syncthreads();
  for (u32 i = threadIdx.x; i < a.tensorCount; i += blockDim.x) {
    if (!finite(a.sums[1 + i])) {
      atomicMin(&first, i);
      break;
    }
  }
  __syncthreads();
  return first;
}

// Counts the step, leaves its scalars and its norm, and records a refusal for the host. Called by a whole thread block.
__device__ __forceinline__ void finish(const StepArguments& a, const StepNumbers& step) {
  const bool refused = step.skip && (a.flags & REFUSES);
  const u32 culprit = refused ? offender(a) : 0;
  if (threadIdx.x != 0) {
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
