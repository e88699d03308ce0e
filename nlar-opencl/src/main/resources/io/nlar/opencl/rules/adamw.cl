// AdamW (docs/numerics.md, "AdamW"; arXiv 1711.05101, algorithm 2, as PyTorch orders its operations).
//
//   m'     = m + (f - m) (1 - beta1)
//   q'     = q beta2 + ((1 - beta2) f) f
//   theta' = theta - eta (m' / (sqrt q' / root + epsilon))     theta is already less what weight decay takes
//
// With Nesterov's momentum m' + (f - m') (1 - beta1) in the place of the last m' (arXiv 1910.05446, table 1).
//
//   eta  = (lambda k) / (1 - beta1^t)
//   root = sqrt(1 - beta2^t)
//
// Forms: FORM_MEANS, FORM_NESTEROV. There is no noise.

#include "power.cl"

#define SLOTS 2
#define SLOT_M 0
#define SLOT_Q 1
#define SPREAD_0 0x8529
#define SPREAD_1 0x134D

#define SCALES_GRADIENT_BY_RATE 0

/** The scalars of a step, each a number of T. */
typedef struct {
  real eta;
  real root;
  real mean_share;    // 1 - beta1
  real square_decay;  // beta2
  real square_share;  // 1 - beta2
  real epsilon;
} rule_scalars_t;

/** The numbers are lambda, beta1, beta2 and epsilon, unrounded. */
static inline rule_scalars_t rule_scalars(__global const double *numbers, double t, double k) {
  rule_scalars_t s;
  s.eta = (real) ((numbers[0] * k) / (1.0 - power(numbers[1], (ulong) t)));
  s.root = (real) sqrt(1.0 - power(numbers[2], (ulong) t));
  s.mean_share = (real) (1.0 - numbers[1]);
  s.square_decay = (real) numbers[2];
  s.square_share = (real) (1.0 - numbers[2]);
  s.epsilon = (real) numbers[3];
  return s;
}

static inline void update(const rule_scalars_t *s, realv f, realv noise, realv *theta, realv *slots) {
  realv m = slots[SLOT_M] + (f - slots[SLOT_M]) * s->mean_share;
  realv q = slots[SLOT_Q] * s->square_decay + (s->square_share * f) * f;
  realv denominator = DIVIDE(ROOT(q), (realv) (s->root)) + s->epsilon;
#ifdef FORM_NESTEROV
  realv direction = m + (f - m) * s->mean_share;
#else
  realv direction = m;
#endif
  *theta = *theta - s->eta * DIVIDE(direction, denominator);
  slots[SLOT_M] = m;
  slots[SLOT_Q] = q;
}
