// Nlarpm: the noise scale is proportional to the gradient.
//
//   f  = |f0| < 2^-60 ? 0 : f0
//   r  = f = 0 ? 1 : min(|f|, 2^60)
//   r2 = r r          m = r2 kappa          n = (r sigma) epsilon          h = |v| + m          wf = f / r2
//   base = 0
#include "nlar.cl"

static inline realv limited(const rule_scalars_t *s, realv f0) {
  return flushed(s, f0);
}

static inline observed_t observed(const rule_scalars_t *s, realv f, realv v) {
  realv a = fabs(f);
  realv r = f == (realv) (0) ? (realv) (1) : (a < (realv) (0x1p60) ? a : (realv) (0x1p60));
  return observed_by_ratio(s, r, f, v);
}

static inline real base(const rule_scalars_t *s) {
  return 0;
}
