// What is done to every element in front of its rule: the gradient is scaled, and the value decays. The scalars are those
// of GroupPlan.java: in binary64 from unrounded settings, in the order written, rounded to T once. A rule derives its
// own alike. Groups that differ in numbers, in the kind of scaling or of decay share a launch.

/** The scalars of one tensor, each a number of T. */
typedef struct {
  int scaling;
  int elementwise;    // whether f0 is another formula than g c; one comparison less for each vector
  int decays;         // whether there is weight decay
  real bound;         // b
  real s;             // gradient scale
  real k;             // rate factor, as far as it is a factor of the gradient
  real c;             // coefficient
  real decay;         // delta lambda k
} scalars_t;

/** c of a group, from the sum of squares in its scope. */
static inline double coefficient(int scaling, double bound, double sum_of_squares, double s, double k) {
  double unscaled = k * s;
  if (scaling == SCALING_NONE || scaling == SCALING_VALUE || scaling == SCALING_SOFT) {
    return unscaled;
  }
  double norm = s * sqrt(sum_of_squares);
  if (scaling == SCALING_GLOBAL_NORM || scaling == SCALING_TENSOR_NORM) {
    return norm > bound ? unscaled * (bound / norm) : unscaled;
  }
  if (norm == 0 || unscaled == 0) {
    return unscaled;
  }
  double c = unscaled * (bound / (scaling == SCALING_NORMALISED ? norm : norm * norm));
  return c > LARGEST ? (double) LARGEST : c;
}

/** gradient_k: 1 where the rule takes the rate factor k elsewhere. */
static inline scalars_t scalars(__global const group_t *group, double sum_of_squares, double s, double k,
    double gradient_k) {
  scalars_t a;
  a.scaling = (int) group->scaling;
  a.elementwise = a.scaling == SCALING_VALUE || a.scaling == SCALING_SOFT;
  a.decays = group->decays != 0;
  a.bound = (real) group->bound;
  a.s = (real) s;
  a.k = (real) gradient_k;
  a.c = (real) coefficient(a.scaling, group->bound, sum_of_squares, s, gradient_k);
  a.decay = (real) (group->decayRate * k);
  return a;
}

/** f0: the scaled gradient. */
static inline realv scaled(const scalars_t *a, realv g) {
  if (!a->elementwise) {
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

/** What stands in the value's place where only its update is wanted: what weight decay takes, from a zero that adds nothing. */
#define ONLY_DECAY(a, theta) ((a)->decays ? -((theta) * (a)->decay) : (realv) (-0.0f))

/** The value after decoupled weight decay. */
static inline realv decayed(const scalars_t *a, realv theta) {
  return a->decays ? theta - theta * a->decay : theta;
}
