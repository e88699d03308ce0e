// Schedule-Free AdamW (docs/numerics.md, "Averaged rules"; arXiv 2405.15682).

#define KEEPS KEEPS_PEAK

#include "averaged.cl"
