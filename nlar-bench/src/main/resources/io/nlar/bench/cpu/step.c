// One step of Nlarcm with momentum, global norm and one tensor, as a C compiler makes it: what the processor can do. The
// operations of docs/numerics.md in their order, so that bits are equal; compiled once with -DREAL=float -DWORD=int32_t and
// once with -DREAL=double -DWORD=int64_t, and without contraction.
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined __AVX__
#include <immintrin.h>
#endif

#if defined __AVX512F__
enum { VECTOR_BYTES = 64 };
#elif defined __AVX__
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif

typedef REAL real;
typedef WORD word;
typedef real vec __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));
typedef word mask __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));
typedef uint64_t words64 __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

enum {
  LANES = VECTOR_BYTES / sizeof(real),
  SUM_LANES = 32,
  BLOCK = 1024,
  SUM_WIDTH = VECTOR_BYTES / sizeof(double),
  SUM_VECTORS = SUM_LANES / SUM_WIDTH,
  AHEAD_BYTES = 2048
};

typedef double wide __attribute__((vector_size(VECTOR_BYTES)));
typedef real narrow __attribute__((vector_size(SUM_WIDTH * sizeof(real)), aligned(sizeof(real)), may_alias));

// Lanes pairwise: docs/numerics.md, "Order of the sum of squares".
static inline double fold(double *lanes) {
  for (int distance = SUM_LANES / 2; distance > 0; distance /= 2) {
    for (int lane = 0; lane < distance; lane++) {
      lanes[lane] += lanes[lane + distance];
    }
  }
  return lanes[0];
}

// The sums of squares of blocks, the last of which need not be full.
void square_sums(const real *g, size_t count, double *sums) {
  for (size_t first = 0; first < count; first += BLOCK) {
    const real *block = g + first;
    const size_t present = count - first < BLOCK ? count - first : BLOCK;
    wide vectors[SUM_VECTORS];
    for (int j = 0; j < SUM_VECTORS; j++) {
      vectors[j] = (wide) {0};
    }
    size_t row = 0;
    for (; row + SUM_LANES <= present; row += SUM_LANES) {
      for (size_t line = 0; line < SUM_LANES * sizeof(real); line += 64) {
        // A fetch beyond the end is no access.
        __builtin_prefetch((const char *) (block + row) + AHEAD_BYTES + line, 0, 3);
      }
#pragma GCC unroll 16
      for (int j = 0; j < SUM_VECTORS; j++) {
        const wide x = __builtin_convertvector(*(const narrow *) (block + row + j * SUM_WIDTH), wide);
        vectors[j] += x * x;
      }
    }
    double lanes[SUM_LANES];
    memcpy(lanes, vectors, sizeof lanes);
    for (size_t lane = 0; row + lane < present; lane++) {
      const double x = block[row + lane];
      lanes[lane] += x * x;
    }
    *sums++ = fold(lanes);
  }
}

// The next level: the sums of blocks of sums, over which they are written.
void sums_of_sums(double *sums, size_t count) {
  for (size_t first = 0; first < count; first += BLOCK) {
    double lanes[SUM_LANES] = {0};
    for (size_t i = first; i < count && i < first + BLOCK; i++) {
      lanes[i % SUM_LANES] += sums[i];
    }
    sums[first / BLOCK] = fold(lanes);
  }
}

// Of a vector.
size_t vector_bytes(void) {
  return VECTOR_BYTES;
}

static inline vec choose(mask where, vec yes, vec no) {
  return (vec) ((where & (mask) yes) | (~where & (mask) no));
}

static inline vec absolute(vec x) {
  const mask no_sign = (mask) {0} + (word) ((((uint64_t) 1) << (8 * sizeof(word) - 1)) - 1);
  return (vec) ((mask) x & no_sign);
}

static inline int any(mask where) {
#if defined __AVX512F__
  return _mm512_test_epi32_mask((__m512i) where, (__m512i) where) != 0;
#elif defined __AVX__
  return !_mm256_testz_si256((__m256i) where, (__m256i) where);
#else
  const words64 bits = (words64) where;
  uint64_t all = 0;
  for (size_t i = 0; i < sizeof bits / sizeof all; i++) {
    all |= bits[i];
  }
  return all != 0;
#endif
}

// c, then mu, sigma, the gradient's floor, Q0 and kappa: rounded to the type of the elements.
struct scalars {
  real c, mu, sigma, floor, q0, kappa;
};

static inline void update_at(vec g, real *theta, real *v, real *rate, real *weight, const struct scalars *s) {
  const vec zero = {0}, one = zero + 1;
  const vec f0 = g * (zero + s->c);
  vec f = f0, m = zero + s->kappa, wf = f0;
  const mask small = absolute(f0) < zero + s->sigma;
  if (__builtin_expect(any(small), 0)) {
    f = choose(small & (absolute(f0) < zero + s->floor), f0 * 0, f0);
    const vec size = absolute(f);
    const vec r = choose(small & (zero < size), size / (zero + s->sigma), one);
    const vec r2 = r * r;
    m = choose(small, r2 * (zero + s->kappa), m);
    wf = choose(small, f / r2, f0);
  }
  const vec d = *(const vec *) rate, a0 = *(const vec *) weight, v0 = *(const vec *) v;
  const vec gamma = zero + d;
  const vec gamma_f = gamma * f;
  const vec h = absolute(v0) + m;
  const vec quotient = (zero + s->mu) * m / ((one + absolute(gamma)) * h);
  const vec p = choose(zero < h, quotient, zero) * v0;
  *(vec *) v = p - gamma_f;
  *(vec *) theta = *(const vec *) theta + (p - gamma_f);
  const vec a = a0 + wf * f;
  *(vec *) weight = a;
  const vec q = (zero + s->q0) + a;
  const mask unchanged = (f == zero) | (q == zero);
  const vec divisor = choose(unchanged, one, q);
  *(vec *) rate = choose(unchanged, d, d - wf * p / divisor);
}

void update(const real *g, real *theta, real *v, real *rate, real *weight, size_t count, const real *scalars) {
  const struct scalars s = {scalars[0], scalars[1], scalars[2], scalars[3], scalars[4], scalars[5]};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    update_at(*(const vec *) (g + i), theta + i, v + i, rate + i, weight + i, &s);
  }
  if (i < count) {
    // The elements of a vector that is not full, in a copy that is.
    const size_t bytes = (count - i) * sizeof(real);
    vec rest[5] = {0};
    real *arrays[] = {theta + i, v + i, rate + i, weight + i};
    memcpy(&rest[4], g + i, bytes);
    for (int k = 0; k < 4; k++) {
      memcpy(&rest[k], arrays[k], bytes);
    }
    update_at(rest[4], (real *) &rest[0], (real *) &rest[1], (real *) &rest[2], (real *) &rest[3], &s);
    for (int k = 0; k < 4; k++) {
      memcpy(arrays[k], &rest[k], bytes);
    }
  }
}
