// The fixed shape of a sum (docs/numerics.md): 1024 consecutive numbers are 32 rows of 32 lanes; a lane adds its rows from
// first to last, starting at +0; then lanes l and l + 16 are added, l and l + 8, + 4, + 2, + 1. Sums of 1024 are the
// numbers of the next level, until one is left. All in binary64.
//
// Absent numbers of the last block count as +0, which leaves the bits: no lane is ever -0.
//
// A CPU's work-item holds all 32 lanes in two vectors. Elsewhere 32 work-items are the lanes of a block, and a
// work-group adds GROUP_SIZE / 32 blocks side by side.

#define LANES 32u

#if GROUP_SIZE == 1

inline double add_lanes(double16 low, double16 high) {
  double16 a = low + high;
  double8 b = a.lo + a.hi;
  double4 c = b.lo + b.hi;
  double2 d = c.lo + c.hi;
  return d.lo + d.hi;
}

// The sum over TERM of one block's row of 16, given a way to load 16 numbers and one number.
#define BLOCK_SUM(name, type, ROW, TERM) \
inline double name(__global const type *x, ulong n) { \
  double16 low = 0; \
  double16 high = 0; \
  ulong i = 0; \
  for (; i + LANES <= min(n, BLOCK); i += LANES) { \
    double16 a = ROW(vload16(0, x + i)); \
    double16 b = ROW(vload16(0, x + i + 16)); \
    low += TERM(a); \
    high += TERM(b); \
  } \
  if (i < min(n, BLOCK)) { \
    double rest[LANES]; \
    for (uint l = 0; l < LANES; l++) { \
      rest[l] = i + l < n ? (double) x[i + l] : 0.0; \
    } \
    double16 a = vload16(0, rest); \
    double16 b = vload16(1, rest); \
    low += TERM(a); \
    high += TERM(b); \
  } \
  return add_lanes(low, high); \
}

#define WIDEN(x) convert_double16(x)
#define SQUARE(x) ((x) * (x))
#define SAME(x) (x)

BLOCK_SUM(block_of_squares, real, WIDEN, SQUARE)
BLOCK_SUM(block_of_sums, double, SAME, SAME)

/** Writes the sums of squares of `blocks` blocks, the first of which is at x; n numbers are left from there on. */
inline void sum_squares(__global const real *x, ulong n, uint blocks, __global double *sums, __local double *lanes) {
  for (uint b = 0; b < blocks; b++) {
    sums[b] = block_of_squares(x + b * BLOCK, n - b * BLOCK);
  }
}

/** One level up: writes a sum for each started 1024 of n numbers that other work-groups wrote. */
inline void sum_level(__global const double *x, ulong n, __global double *sums, __local double *lanes) {
  for (ulong b = 0; b * BLOCK < n; b++) {
    sums[b] = block_of_sums(x + b * BLOCK, n - b * BLOCK);
  }
}

#else

#define SIDE_BY_SIDE (GROUP_SIZE / LANES)

/** Adds the lanes of each block; the sum of work-item i's block is in the first of its 32 lanes. */
inline void add_lanes(double mine, __local double *lanes) {
  uint i = get_local_id(0);
  lanes[i] = mine;
  for (uint half = LANES / 2; half > 0; half /= 2) {
    TEAM_BARRIER;
    double other = lanes[i ^ half];
    TEAM_BARRIER;
    if ((i & half) == 0) {
      lanes[i] += other;
    }
  }
  TEAM_BARRIER;
}

inline void sum_squares(__global const real *x, ulong n, uint blocks, __global double *sums, __local double *lanes) {
  uint side = get_local_id(0) / LANES;
  for (uint first = 0; first < blocks; first += SIDE_BY_SIDE) {
    uint b = first + side;
    double sum = 0;
    if (b < blocks) {
      ulong end = min(n, (b + 1) * BLOCK);
      for (ulong i = b * BLOCK + get_local_id(0) % LANES; i < end; i += LANES) {
        double a = x[i];
        sum += a * a;
      }
    }
    add_lanes(sum, lanes);
    if (b < blocks && get_local_id(0) % LANES == 0) {
      ((volatile __global double *) sums)[b] = lanes[get_local_id(0)];
    }
    TEAM_BARRIER;
  }
}

inline void sum_level(__global const double *x, ulong n, __global double *sums, __local double *lanes) {
  uint side = get_local_id(0) / LANES;
  for (ulong first = 0; first * BLOCK < n; first += SIDE_BY_SIDE) {
    ulong b = first + side;
    ulong end = min(n, (b + 1) * BLOCK);
    double sum = 0;
    for (ulong i = b * BLOCK + get_local_id(0) % LANES; i < end; i += LANES) {
      sum += ((volatile __global const double *) x)[i];
    }
    add_lanes(sum, lanes);
    if (b * BLOCK < n && get_local_id(0) % LANES == 0) {
      ((volatile __global double *) sums)[b] = lanes[get_local_id(0)];
    }
    TEAM_BARRIER;
  }
  mem_fence(CLK_GLOBAL_MEM_FENCE);
  TEAM_BARRIER;
}

#endif

/**
 * The sum over all levels of n > 0 numbers at x. The levels between go to scratch, which has room for n / 1024 + 64 of
 * them; result and numbers may be read and written by other work-groups.
 */
inline double sum_levels(__global const double *x, ulong n, __global double *scratch, __local double *lanes) {
  while (n > 1) {
    sum_level(x, n, scratch, lanes);
    x = scratch;
    n = (n + BLOCK - 1) / BLOCK;
    scratch += n;
  }
  return *(volatile __global const double *) x;
}
