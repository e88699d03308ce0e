// Lion (docs/numerics.md, "Lion"; arXiv 2302.06675, algorithm 2).
//
//   c      = m beta1 + (1 - beta1) f
//   m'     = m beta2 + (1 - beta2) f
//   theta' = theta - eta sign(c)     theta is already less what weight decay takes; sign(0) = 0
//
//   eta = lambda k
//
// Form: FORM_MEAN. There is no noise.

#define SLOTS 1
#define SLOT_M 0
#define SPREAD_0 0x8529

#define SCALES_GRADIENT_BY_RATE 0

/** The scalars of a step, each a number of T. */
typedef struct {
  real eta;
  real mean_weight;      // beta1
  real gradient_weight;  // 1 - beta1
  real mean_decay;       // beta2
  real mean_share;       // 1 - beta2
} rule_scalars_t;

/** The numbers are lambda, beta1 and beta2, unrounded. */
static inline rule_scalars_t rule_scalars(__global const double *numbers, double t, double k) {
  rule_scalars_t s;
  s.eta = (real) (numbers[0] * k);
  s.mean_weight = (real) numbers[1];
  s.gradient_weight = (real) (1.0 - numbers[1]);
  s.mean_decay = (real) numbers[2];
  s.mean_share = (real) (1.0 - numbers[2]);
  return s;
}

static inline void update(const rule_scalars_t *s, realv f, realv noise, realv *theta, realv *slots) {
  realv mixed = slots[SLOT_M] * s->mean_weight + s->gradient_weight * f;
  // What is neither above nor below 0 is a zero, or a NaN that shall be seen.
  realv step = mixed > (realv) (0) ? (realv) (s->eta) : mixed < (realv) (0) ? (realv) (-s->eta) : mixed;
  *theta = *theta - step;
  slots[SLOT_M] = slots[SLOT_M] * s->mean_decay + s->mean_share * f;
}
