// The sums of squares of the blocks of a chunk, in the shape of lanes.cl.

// The gradients as numbers of binary64: 16, and one.
#define GRADIENTS(x) convert_double16(WIDEN(GRADIENT, x))
#define ONE_GRADIENT(x) ((double) WIDEN(GRADIENT, (VECTOR(GRADIENT)) (x)).s0)
#define SQUARE(x) ((x) * (x))
#if GROUP_SIZE == 1

#if VEC != 16
#error "gradients are widened by 16"
#endif
BLOCK_SUM(block_of_squares, ELEMENT(GRADIENT), GRADIENTS, ONE_GRADIENT, SQUARE)

/** Writes the sums of squares of the blocks of a chunk of n numbers, at most CHUNK. */
static inline void sum_squares(__global const ELEMENT(GRADIENT) *x, ulong n, __global double *sums,
    __local double *lanes) {
  for (ulong b = 0; b * BLOCK < n; b++) {
    sums[b] = block_of_squares(x + b * BLOCK, n - b * BLOCK);
  }
}

#else

#define SIDE_BY_SIDE (GROUP_SIZE / LANES)

static inline void sum_squares(__global const ELEMENT(GRADIENT) *x, ulong n, __global double *sums,
    __local double *lanes) {
  uint b = get_local_id(0) / LANES; // a chunk has as many blocks as a work-group adds side by side
  ulong end = min(n, (b + 1) * BLOCK);
  double sum = 0;
  for (ulong i = b * BLOCK + get_local_id(0) % LANES; i < end; i += LANES) {
    double a = ONE_GRADIENT(x[i]);
    sum += a * a;
  }
  join_lanes(sum, b * BLOCK < n, sums + b, lanes);
}

#endif
