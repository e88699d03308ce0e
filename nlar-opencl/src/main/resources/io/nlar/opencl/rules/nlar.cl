// What the Nlar estimators share: the estimate of the learning rates of VEC elements (docs/numerics.md, "The update";
// arXiv 2410.09943 in innovation form), written once. An estimator's file defines what it observes: f, m, n's scale, h
// and wf.
//
//   gamma  = base + D
//   rho    = h > 0 ? (mu m) / ((1 + |gamma|) h) : 0
//   p      = rho v,   u = p + n,   d = u - gamma f
//   theta' = theta + d                      theta is already less what weight decay takes
//   v'     = p - gamma f
//   A'     = A + wf f,   Q' = Q0 + A'
//   D'     = f != 0 and Q' != 0 ? D - (wf u) / Q' : D      where A has 16 bits, Q' not below 2^-126
//
// Without momentum and noise nothing is estimated: gamma stays lambda, and theta' = theta - lambda f.
//
// Forms: FORM_MOMENTUM, FORM_PLAIN.

#ifdef FORM_MOMENTUM
#define MOMENTUM 1
#else
#define MOMENTUM 0
#endif
#define ESTIMATING (MOMENTUM || NOISE)

#ifndef OBSERVES_SECANTS
#define OBSERVES_SECANTS 0
#endif

// v with momentum; D and A where anything is estimated; behind them f of the step before, for secants.
#if MOMENTUM
#if OBSERVES_SECANTS
#define SLOTS 4
#define SLOT_PREVIOUS 3
#define SPREAD_3 0x6C2D
#else
#define SLOTS 3
#endif
#define SLOT_V 0
#define SLOT_D 1
#define SLOT_A 2
#define SPREAD_0 0x8529
#define SPREAD_1 1
#define SPREAD_2 0x134D
#elif ESTIMATING
#define SLOTS 2
#define SLOT_D 0
#define SLOT_A 1
#define SPREAD_0 1
#define SPREAD_1 0x134D
#else
#define SLOTS 0
#endif

#define SCALES_GRADIENT_BY_RATE 1

// Whether Q' is evidence enough to divide by. What is below bfloat16's smallest numbers would vanish from A, and the rate
// jump.
#if NARROW(STATE)
#define WEIGHS(q) (!((q) < (realv) (FLT_MIN)))
#else
#define WEIGHS(q) ((q) != (realv) (0))
#endif

/** The scalars of a step, each a number of T. */
typedef struct {
  real lambda;
  real mu;
  real sigma;
  real floor;   // Nlarsm: the lower clip; others: the magnitude below which a gradient becomes 0
  real q0;
  real kappa;   // the momentum's decay
  real eta;     // the weight of secants
} rule_scalars_t;

/** What an estimator makes of f and v. */
typedef struct {
  realv m;
  realv sigma;  // the noise scale of these elements: n = sigma epsilon
  realv h;
  realv wf;
} observed_t;

static inline realv limited(const rule_scalars_t *s, realv f0);
static inline observed_t observed(const rule_scalars_t *s, realv f, realv v);
static inline real base(const rule_scalars_t *s);

/** f of Nlarcm and Nlarpm: |f0| < floor ? 0 with the sign of f0 : f0. */
static inline realv flushed(const rule_scalars_t *s, realv f0) {
  return fabs(f0) < s->floor ? copysign((realv) (0), f0) : f0;
}

/** What Nlarcm and Nlarpm observe, where the noise scale of an element is r sigma. */
static inline observed_t observed_by_ratio(const rule_scalars_t *s, realv r, realv f, realv v) {
  realv r2 = r * r;
  observed_t o;
  o.m = r2 * s->kappa;
  o.sigma = r * s->sigma;
  o.h = fabs(v) + o.m;
  o.wf = DIVIDE(f, r2);
  return o;
}

/** kappa of step t. */
static inline double kappa(int decay, double t) {
  return decay == DECAY_INVERSE ? 1.0 / t
      : decay == DECAY_INVERSE_SQRT ? 1.0 / sqrt(t)
      : decay == DECAY_CONSTANT ? 1.0 : 0.0;
}

/** The numbers are lambda, mu, sigma, the floor and Q0, rounded to T already, the code of the decay, and eta. */
static inline rule_scalars_t rule_scalars(__global const double *numbers, double t, double k) {
  rule_scalars_t s;
  s.lambda = (real) numbers[0];
  s.mu = (real) numbers[1];
  s.sigma = (real) numbers[2];
  s.floor = (real) numbers[3];
  s.q0 = (real) numbers[4];
  s.kappa = (real) kappa((int) numbers[5], t);
  s.eta = (real) numbers[6];
  return s;
}

#if OBSERVES_SECANTS && MOMENTUM
/** What v and the change of f tell of gamma: D and A with it. */
static inline void observe_secant(const rule_scalars_t *s, realv f, realv *slots) {
  realv v = slots[SLOT_V];
  realv y = f - slots[SLOT_PREVIOUS];
  realv z = s->eta * y;
  realv a = slots[SLOT_A] + z * y;
  realv q = s->q0 + a;
  realv rest = v - (base(s) + slots[SLOT_D]) * y;
  slots[SLOT_D] = (y * v > (realv) (0)) && WEIGHS(q) ? slots[SLOT_D] + DIVIDE(z * rest, q) : slots[SLOT_D];
  slots[SLOT_A] = y * v > (realv) (0) ? a : slots[SLOT_A];
  slots[SLOT_PREVIOUS] = f;
}
#endif

static inline void update(const rule_scalars_t *s, realv f0, realv epsilon, realv *theta, realv *slots) {
  realv f = limited(s, f0);
#if !ESTIMATING
  *theta = *theta - s->lambda * f;
#else
#if MOMENTUM
  realv v = slots[SLOT_V];
#else
  realv v = (realv) (0);
#endif
  observed_t o = observed(s, f, v);
#if OBSERVES_SECANTS && MOMENTUM
  observe_secant(s, f, slots);
#endif
  realv gamma = base(s) + slots[SLOT_D];
#if MOMENTUM
  realv rho = o.h > (realv) (0) ? DIVIDE(s->mu * o.m, ((realv) (1) + fabs(gamma)) * o.h) : (realv) (0);
  realv p = rho * v;
#endif
#if NOISE
  realv n = o.sigma * epsilon;
#endif
#if MOMENTUM && NOISE
  realv u = p + n;
#elif MOMENTUM
  realv u = p;
#else
  realv u = n;
#endif
  realv pull = gamma * f;
  *theta = *theta + (u - pull);
#if MOMENTUM
  slots[SLOT_V] = p - pull;
#endif
  slots[SLOT_A] = slots[SLOT_A] + o.wf * f;
  realv q = s->q0 + slots[SLOT_A];
  slots[SLOT_D] = (f != (realv) (0)) && WEIGHS(q) ? slots[SLOT_D] - DIVIDE(o.wf * u, q) : slots[SLOT_D];
#endif
}
