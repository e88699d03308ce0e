// Nlarsm: constant noise scale.
//
//   f = 0 < |f0| <= lower ? copysign(lower, f0) : f0
//   m = kappa          n = sigma epsilon          h = |v| + (m + sigma)          wf = f
//   base = lambda
#include "nlar.cl"

static inline realv limited(const rule_scalars_t *s, realv f0) {
  realv a0 = fabs(f0);
  return ((realv) (0) < a0) && (a0 <= s->floor) ? copysign((realv) (s->floor), f0) : f0;
}

static inline observed_t observed(const rule_scalars_t *s, realv f, realv v) {
  observed_t o;
  o.m = (realv) (s->kappa);
  o.sigma = (realv) (s->sigma);
  o.h = fabs(v) + (o.m + s->sigma);
  o.wf = f;
  return o;
}

static inline real base(const rule_scalars_t *s) {
  return s->lambda;
}
