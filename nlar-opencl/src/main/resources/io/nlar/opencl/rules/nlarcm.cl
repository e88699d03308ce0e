// Nlarcm: the noise scale is clipped by the gradient.
//
//   f  = |f0| < sigma 2^-60 ? 0 : f0
//   r  = 0 < |f| < sigma ? |f| / sigma : 1
//   r2 = r r          m = r2 kappa          n = (r sigma) epsilon          h = |v| + m          wf = f / r2
//   base = 0
#include "nlar.cl"

static inline realv limited(const rule_scalars_t *s, realv f0) {
  return flushed(s, f0);
}

static inline observed_t observed(const rule_scalars_t *s, realv f, realv v) {
  realv a = fabs(f);
  if (SOME((a > (realv) (0)) && (a < s->sigma))) {
    realv r = (a > (realv) (0)) && (a < s->sigma) ? DIVIDE(a, (realv) (s->sigma)) : (realv) (1);
    return observed_by_ratio(s, r, f, v);
  }
  return observed_by_ratio(s, (realv) (1), f, v);  // most vectors: their quotients fold to f / 1 = f
}

static inline real base(const rule_scalars_t *s) {
  return 0;
}
