// The update of VEC elements in registers (docs/numerics.md, "One step"), specialised by build options:
//   ESTIMATOR   1 Nlarsm (constant noise scale), 2 Nlarcm (clipped by the gradient), 3 Nlarpm (proportional to it)
//   MOMENTUM    whether a velocity v is kept
//   NOISE       0 none, 1 frozen in a state slot, 2 fresh in every step
// Without momentum and noise nothing is left to estimate and only theta changes.

#define NLARSM 1
#define NLARCM 2
#define NLARPM 3
#define NOISE_FROZEN 1
#define NOISE_FRESH 2
#define ESTIMATING (MOMENTUM || NOISE)

/** What one element keeps from step to step. */
typedef struct {
  realv theta;
  realv velocity;
  realv rate;     // D
  realv weight;   // A
} element_t;

/** f0: the gradient, scaled. */
static inline realv scale(const scalars_t *a, realv g) {
  if (a->scaling < SCALING_VALUE) {
    return g * a->c;
  }
  realv b = (realv) (a->bound);
  realv x = g * a->s;
  realv y;
  if (a->scaling == SCALING_VALUE) {
    y = x < -b ? -b : (x > b ? b : x);
  } else {
    y = b * DIVIDE(x, b + fabs(x));
  }
  return y * a->k;
}

static inline void update(const scalars_t *a, realv g, realv epsilon, element_t *e) {
  realv zero = (realv) (0);
  realv one = (realv) (1);
  realv f0 = scale(a, g);
  realv magnitude0 = fabs(f0);
#if ESTIMATOR == NLARSM
  realv f = (zero < magnitude0) && (magnitude0 <= a->lower) ? copysign((realv) (a->lower), f0) : f0;
#else
  realv f = magnitude0 < a->flush ? copysign(zero, f0) : f0;
#endif
  realv kept = e->theta;
  if (a->decays) {
    kept = kept - kept * a->decayed;
  }

#if !ESTIMATING
  e->theta = kept - a->rate * f;
#else

#if ESTIMATOR == NLARSM
  realv m = (realv) (a->kappa);
  realv wf = f;
#if NOISE
  realv n = a->noise_scale * epsilon;
#endif
#if MOMENTUM
  realv h = fabs(e->velocity) + (m + a->noise_scale);
#endif

#else
  realv magnitude = fabs(f);
#if ESTIMATOR == NLARCM
  realv r = (magnitude > zero) && (magnitude < a->noise_scale) ? DIVIDE(magnitude, (realv) (a->noise_scale)) : one;
#else
  realv r = f == zero ? one : (magnitude < (realv) (0x1p60) ? magnitude : (realv) (0x1p60));
#endif
  realv r2 = r * r;
  realv m = r2 * a->kappa;
  realv wf = DIVIDE(f, r2);
#if NOISE
  realv n = (r * a->noise_scale) * epsilon;
#endif
#if MOMENTUM
  realv h = fabs(e->velocity) + m;
#endif
#endif

  realv gamma = a->base + e->rate;
#if MOMENTUM
  realv rho = h > zero ? DIVIDE(a->momentum * m, (one + fabs(gamma)) * h) : zero;
  realv p = rho * e->velocity;
#if NOISE
  realv u = p + n;
#else
  realv u = p;
#endif
#else
  realv u = n;
#endif
  realv pull = gamma * f;
  e->theta = kept + (u - pull);
#if MOMENTUM
  e->velocity = p - pull;
#endif
  e->weight = e->weight + wf * f;
  realv q = a->weight + e->weight;
  e->rate = (f != zero) && (q != zero) ? e->rate - DIVIDE(wf * u, q) : e->rate;
#endif
}
