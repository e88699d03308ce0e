// What the rules with an averaged value share: Schedule-Free's step on Adam's direction (docs/numerics.md, "Averaged rules").
//
//   A'     = A beta2 + ((1 - beta2) f) f
//   d      = f / (sqrt A' / root + epsilon),  u = d + delta theta
//   theta' = (theta + e1 v) - e2 u
//   v'     = e3 (v - e4 u)
//
// The rule in front of this defines KEEPS. Form: FORM_AVERAGED. There is no noise.

#include "power.cl"

#define SLOTS 2
#define SLOT_V 0
#define SLOT_A 1
#define SPREAD_0 0x8529
#define SPREAD_1 0x134D
// Behind the state, what is observed: d, and v before the update.
#define OBSERVED_D 2
#define OBSERVED_V 3

#define SCALES_GRADIENT_BY_RATE 0

/** The scalars of a parameter and step, each a number of T. */
typedef struct {
  real pull;          // e1
  real stride;        // e2
  real share;         // e3
  real alpha;         // e4
  real root;          // of 1 - beta2^t
  real square_decay;  // beta2
  real square_share;  // 1 - beta2
  real epsilon;
  real decay;         // delta
  int decays;
} rule_scalars_t;

/** e^x as docs/numerics.md defines it, for x up to 709. */
static inline double exponential(double x) {
  if (!(x > -708.0)) {
    return 0;
  }
  double shifted = x * 0x1.71547652b82fep0 + 0x1.8p52;
  double n = shifted - 0x1.8p52;
  double r = (x - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33;
  double p = 1.6059043836821613e-10;
  p = p * r + 2.08767569878681e-09;
  p = p * r + 2.505210838544172e-08;
  p = p * r + 2.755731922398589e-07;
  p = p * r + 2.7557319223985893e-06;
  p = p * r + 2.48015873015873e-05;
  p = p * r + 0.0001984126984126984;
  p = p * r + 0.001388888888888889;
  p = p * r + 0.008333333333333333;
  p = p * r + 0.041666666666666664;
  p = p * r + 0.16666666666666666;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  return p * as_double((as_ulong(shifted) << 52) + 0x3FF0000000000000ul);
}

// The numbers are beta, beta2, epsilon and the unit, unrounded; behind them lambda, or ln gamma_max, K0, eta and b0. What is
// kept is R and W, or l, W and E.

// Where what is kept of parameters is left alone, a group says KEEPS_NOTHING: only rules that learn are later asked to.

/** a: the rate of a step, in its unit. */
static inline double step_rate(__global const group_t *group, __global const double *kept, double k) {
  return k * (group->keeps != KEEPS_PEAK ? exponential(kept[0]) : group->numbers[4]);
}

/** The root of w. */
static inline double root_of_weight(__global const group_t *group, __global const double *kept, double k) {
  double own = step_rate(group, kept, k);
  return group->keeps != KEEPS_PEAK || own > kept[0] ? own : kept[0];
}

static inline rule_scalars_t rule_scalars(__global const group_t *group, __global const double *kept, double t, double k) {
  __global const double *numbers = group->numbers;
  double beta = numbers[0];
  double rate = root_of_weight(group, kept, k);
  double weight = rate * rate;
  double averaged = kept[1] + weight;
  double c = averaged > 0 ? weight / averaged : 0;
  double alpha = step_rate(group, kept, k) / numbers[3];
  rule_scalars_t s;
  s.pull = (real) (beta * c);
  s.stride = (real) (((1.0 - beta) + beta * c) * alpha);
  s.share = (real) (1.0 - c);
  s.alpha = (real) alpha;
  s.root = (real) sqrt(1.0 - power(numbers[1], (ulong) t));
  s.square_decay = (real) numbers[1];
  s.square_share = (real) (1.0 - numbers[1]);
  s.epsilon = (real) numbers[2];
  s.decay = (real) group->decayRate;
  s.decays = group->decayRate != 0;
  return s;
}

static inline void update(const rule_scalars_t *s, realv f, realv noise, realv *theta, realv *slots) {
  realv a = slots[SLOT_A] * s->square_decay + (s->square_share * f) * f;
  realv d = DIVIDE(f, DIVIDE(ROOT(a), (realv) (s->root)) + s->epsilon);
  realv v = slots[SLOT_V];
  realv u = d;
  if (s->decays) {
    u = d + s->decay * *theta;
  }
  *theta = (*theta + s->pull * v) - s->stride * u;
  slots[SLOT_V] = s->share * (v - s->alpha * u);
  slots[SLOT_A] = a;
  slots[OBSERVED_D] = d;
  slots[OBSERVED_V] = v;
}
