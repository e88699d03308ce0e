// The two passes of a step with momentum, without arithmetic, as a C compiler makes them: PassKernel says what they do.
// Written for the memory: by cache lines, two at a time from each array, fetched ahead where nothing is written.
#include <stddef.h>
#include <stdint.h>

typedef uint64_t line __attribute__((vector_size(64), aligned(8), may_alias));

enum { LINE = sizeof(line) / sizeof(uint64_t), AHEAD_BYTES = 4096 };

static inline uint64_t total(line sums) {
  uint64_t total = 0;
  for (int i = 0; i < LINE; i++) {
    total += sums[i];
  }
  return total;
}

static inline line at(const uint64_t *words) {
  return *(const line *) words;
}

static inline void put(uint64_t *words, line value) {
  *(line *) words = value;
}

uint64_t reduce_pass(const uint64_t *g, size_t bytes) {
  const size_t count = bytes / sizeof *g;
  line a = {0}, b = {0};
  size_t i = 0;
  for (; i + 2 * LINE <= count; i += 2 * LINE) {
    // A fetch beyond the end is no access.
    __builtin_prefetch((const char *) (g + i) + AHEAD_BYTES, 0, 0);
    __builtin_prefetch((const char *) (g + i + LINE) + AHEAD_BYTES, 0, 0);
    a += at(g + i);
    b += at(g + i + LINE);
  }
  uint64_t sum = total(a + b);
  for (; i < count; i++) {
    sum += g[i];
  }
  return sum;
}

uint64_t apply_pass(const uint64_t *g, uint64_t *theta, uint64_t *v, uint64_t *rate, uint64_t *weight, size_t bytes) {
  const size_t count = bytes / sizeof *g;
  line a = {0}, b = {0};
  size_t i = 0;
  for (; i + 2 * LINE <= count; i += 2 * LINE) {
    a += at(g + i);
    b += at(g + i + LINE);
    for (size_t j = i; j < i + 2 * LINE; j += LINE) {
      const line old_theta = at(theta + j), old_v = at(v + j), old_rate = at(rate + j), old_weight = at(weight + j);
      put(theta + j, old_v);
      put(v + j, old_rate);
      put(rate + j, old_weight);
      put(weight + j, old_theta);
    }
  }
  uint64_t sum = total(a + b);
  for (; i < count; i++) {
    const uint64_t old = theta[i];
    sum += g[i];
    theta[i] = v[i];
    v[i] = rate[i];
    rate[i] = weight[i];
    weight[i] = old;
  }
  return sum;
}
