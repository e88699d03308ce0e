// Nlarsf (docs/numerics.md, "Averaged rules"). What its rates are learned from is added in parameters.cl.

#define KEEPS KEEPS_LOG_RATE

#include "averaged.cl"
