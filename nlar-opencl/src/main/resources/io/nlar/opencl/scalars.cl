// The scalars of one step, as GroupPlan.java has them: in binary64 from unrounded settings, in the order written,
// rounded to T once. Rows of the settings table (see GroupTable.java) hold binary64 numbers; groups that differ in
// numbers, in the kind of scaling or of decay share a launch.

#define SETTING_ROW 16
#define SETTING_SCALING 0
#define SETTING_BOUND 1
#define SETTING_POWER 2
#define SETTING_DECAY 3
#define SETTING_RATE 4
#define SETTING_MOMENTUM 5
#define SETTING_NOISE_SCALE 6
#define SETTING_LOWER 7
#define SETTING_FLUSH 8
#define SETTING_BASE 9
#define SETTING_WEIGHT 10
#define SETTING_DECAYS 11
#define SETTING_DECAYED_RATE 12
#define SETTING_SEED 13

#define SCALING_NONE 0
#define SCALING_GLOBAL_NORM 1
#define SCALING_TENSOR_NORM 2
#define SCALING_NORMALISED 3
#define SCALING_VALUE 4
#define SCALING_SOFT 5

#define DECAY_INVERSE 1
#define DECAY_INVERSE_SQRT 2
#define DECAY_CONSTANT 3

/** The element-wise formulas' scalars, each a number of T. */
typedef struct {
  int scaling;
  int decays;         // whether there is weight decay
  real c;             // the gradient's factor under norm scalings and none
  real s;             // gradient scale
  real k;             // rate factor
  real bound;
  real rate;          // lambda
  real momentum;      // mu
  real noise_scale;   // sigma
  real lower;
  real flush;         // magnitude below which a scaled gradient becomes 0
  real base;          // of the learning rate
  real weight;        // Q0
  real kappa;         // the momentum's decay
  real decayed;       // (delta * lambda) * k
} scalars_t;

/** c of a group, from the sum of squares in its scope. */
static inline double coefficient(__global const double *setting, double sum_of_squares, double s, double k) {
  int scaling = (int) setting[SETTING_SCALING];
  double bound = setting[SETTING_BOUND];
  double unscaled = k * s;
  if (scaling == SCALING_GLOBAL_NORM || scaling == SCALING_TENSOR_NORM) {
    double norm = s * sqrt(sum_of_squares);
    return norm > bound ? unscaled * (bound / norm) : unscaled;
  }
  if (scaling == SCALING_NORMALISED) {
    double norm = s * sqrt(sum_of_squares);
    if (norm == 0 || unscaled == 0) {
      return unscaled;
    }
    double c = unscaled * (bound / (setting[SETTING_POWER] == 1 ? norm : norm * norm));
    return c > LARGEST ? (double) LARGEST : c;
  }
  return unscaled;
}

/** kappa of step t. */
static inline double decay(int kind, double t) {
  return kind == DECAY_INVERSE ? 1.0 / t
      : kind == DECAY_INVERSE_SQRT ? 1.0 / sqrt(t)
      : kind == DECAY_CONSTANT ? 1.0 : 0.0;
}

static inline scalars_t scalars(__global const double *setting, double sum_of_squares, double s, double k, double t) {
  scalars_t a;
  a.scaling = (int) setting[SETTING_SCALING];
  a.decays = setting[SETTING_DECAYS] != 0;
  a.c = (real) coefficient(setting, sum_of_squares, s, k);
  a.s = (real) s;
  a.k = (real) k;
  a.bound = (real) setting[SETTING_BOUND];
  a.rate = (real) setting[SETTING_RATE];
  a.momentum = (real) setting[SETTING_MOMENTUM];
  a.noise_scale = (real) setting[SETTING_NOISE_SCALE];
  a.lower = (real) setting[SETTING_LOWER];
  a.flush = (real) setting[SETTING_FLUSH];
  a.base = (real) setting[SETTING_BASE];
  a.weight = (real) setting[SETTING_WEIGHT];
  a.kappa = (real) decay((int) setting[SETTING_DECAY], t);
  a.decayed = (real) (setting[SETTING_DECAYED_RATE] * k);
  return a;
}
