// Nlarsf (docs/numerics.md, "Averaged rules"). What its rates are learned from is added in parameters.cuh.
#pragma once

#include "averaged.cuh"

// VALUES: there are no kernels of updates.
#define NLAR_KERNELS(QUIET, STATELESS, NOISY, T) QUIET(averaged, nlar::Averaged<T, nlar::KEEPS_LOG_RATE>)
