// The fixed shape of a sum (docs/numerics.md): 1024 consecutive numbers are 32 rows of 32 lanes; a lane adds its rows
// from first to last, starting at +0; then lanes l and l + 16 are added, l and l + 8, + 4, + 2, + 1. Sums of 1024 are
// the numbers of the next level, until one is left. All in binary64.
//
// Absent numbers of the last block count as +0, which leaves the bits: no lane is ever -0.
//
// A CPU's work-item adds a block alone, its 32 lanes in two vectors. Elsewhere 32 work-items are the lanes of a block,
// and a work-group adds GROUP_SIZE / 32 blocks side by side; one work-item adds a block's lanes, which takes one
// barrier where a tree of work-items would take ten.

static inline double add_lanes(double16 low, double16 high) {
  double16 a = low + high;
  double8 b = a.lo + a.hi;
  double4 c = b.lo + b.hi;
  double2 d = c.lo + c.hi;
  return d.lo + d.hi;
}

#define SAME(x) (x)

// Defines the sum over TERM(x[i]) of the n > 0 numbers of one block, by one work-item; WIDENED makes 16 doubles of 16
// elements, ONE one of one.
#define BLOCK_SUM(name, type, WIDENED, ONE, TERM) \
static inline double name(__global const type *x, ulong n) { \
  double16 low = 0; \
  double16 high = 0; \
  ulong i = 0; \
  for (; i + LANES <= min(n, BLOCK); i += LANES) { \
    PREFETCH(x + i, 2048); \
    PREFETCH(x + i + LANES / 2, 2048); \
    double16 a = WIDENED(vload16(0, x + i)); \
    double16 b = WIDENED(vload16(1, x + i)); \
    low += TERM(a); \
    high += TERM(b); \
  } \
  if (i < min(n, BLOCK)) { \
    double rest[LANES]; \
    for (uint l = 0; l < LANES; l++) { \
      rest[l] = i + l < n ? ONE(x[i + l]) : 0.0; \
    } \
    double16 a = vload16(0, rest); \
    double16 b = vload16(1, rest); \
    low += TERM(a); \
    high += TERM(b); \
  } \
  return add_lanes(low, high); \
}

BLOCK_SUM(block_of_sums, double, SAME, SAME, SAME)

#if GROUP_SIZE == 1

/** One level up: writes the sum of n <= 1024 numbers that other work-groups wrote; none where n is 0. */
static inline void sum_level(__global const double *x, ulong n, __global double *sums, __local double *lanes) {
  if (n > 0) {
    *sums = block_of_sums(x, n);
  }
}

#else

/** Adds the lanes that the work-items bring, for each 32 of them; `keeps` tells whether their sum is to be written. */
static inline void join_lanes(double mine, bool keeps, __global double *sum, __local double *lanes) {
  uint i = get_local_id(0);
  lanes[i] = mine;
  TEAM_BARRIER;
  if (keeps && i % LANES == 0) {
    *(volatile __global double *) sum = add_lanes(vload16(0, lanes + i), vload16(1, lanes + i));
  }
  TEAM_BARRIER;
}

static inline void sum_level(__global const double *x, ulong n, __global double *sums, __local double *lanes) {
  for (ulong once = 0; once < n; once += BLOCK) { // a loop, since compilers take barriers in it as they are
    bool first = get_local_id(0) < LANES;
    double sum = 0;
    for (ulong i = get_local_id(0); first && i < n; i += LANES) {
      sum += ((volatile __global const double *) x)[i];
    }
    join_lanes(sum, first, sums, lanes);
  }
}

#endif
