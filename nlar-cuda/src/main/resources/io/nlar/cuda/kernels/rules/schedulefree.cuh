// Schedule-Free AdamW (docs/numerics.md, "Averaged rules"; arXiv 2405.15682).
#pragma once

#include "averaged.cuh"

// VALUES: there are no kernels of updates.
#define NLAR_KERNELS(QUIET, STATELESS, NOISY, T) QUIET(averaged, nlar::Averaged<T, nlar::KEEPS_PEAK>)
