// The two passes of a step with momentum, without arithmetic, as a C compiler makes them: PassKernel says what they do.
#include <stddef.h>
#include <stdint.h>

uint64_t reduce_pass(const uint64_t *restrict g, size_t bytes) {
  uint64_t sum = 0;
  for (size_t i = 0; i < bytes / sizeof *g; i++) {
    sum += g[i];
  }
  return sum;
}

uint64_t apply_pass(const uint64_t *restrict g, uint64_t *restrict theta, uint64_t *restrict v,
                    uint64_t *restrict rate, uint64_t *restrict weight, size_t bytes) {
  uint64_t sum = 0;
  for (size_t i = 0; i < bytes / sizeof *g; i++) {
    const uint64_t old = theta[i];
    sum += g[i];
    theta[i] = v[i];
    v[i] = rate[i];
    rate[i] = weight[i];
    weight[i] = old;
  }
  return sum;
}
