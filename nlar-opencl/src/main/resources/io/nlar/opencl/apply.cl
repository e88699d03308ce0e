// apply: the fused update of all tensors of a launch, and in the step's last launch its end.
//
// Launch: one work-group walks chunks. It derives the skip decision, t, and its tensor's scalars from the sums and the
// control block itself; both change only after every work-group has read them. One read of gradient, value and state,
// one write of value and state.

// Elements of the control block (io.nlar.Control).
#define CONTROL_GRADIENT_SCALE 0
#define CONTROL_RATE_FACTOR 1
#define CONTROL_APPLIED 2
#define CONTROL_SKIPPED 3
#define CONTROL_LAST_SKIPPED 4
#define CONTROL_NORM 5
#define CONTROL_COMPLETED 6

// Bits of the kernel's flags.
#define SCALARS_FROM_CONTROL 1
#define HAS_SUMS 2
#define REFUSES 4
#define LAST_LAUNCH 8

#define REMEMBERED_TICKETS 1024

// Full vectors, where the pointers are aligned to them, go in one access; VEC scalar accesses would not be coalesced.
#if GROUP_SIZE == 1
#define LOAD_FULL(p, i) LOAD(0, (p) + (i))
#define STORE_FULL(x, p, i) STORE(x, 0, (p) + (i))
#else
#define LOAD_FULL(p, i) (aligned ? *(__global const realv *) ((p) + (i)) : LOAD(0, (p) + (i)))
#define STORE_FULL(x, p, i) \
    do { if (aligned) { *(__global realv *) ((p) + (i)) = (x); } else { STORE(x, 0, (p) + (i)); } } while (0)
#endif

/** Loads the first n < VEC elements of a vector; the others are 0. */
static inline realv load_some(__global const real *p, uint n) {
  real x[VEC];
  for (uint j = 0; j < VEC; j++) {
    x[j] = j < n ? p[j] : 0;
  }
  return LOAD(0, x);
}

static inline void store_some(realv v, __global real *p, uint n) {
  real x[VEC];
  STORE(v, 0, x);
  for (uint j = 0; j < n; j++) {
    p[j] = x[j];
  }
}

/** Counts the step, leaves its scalars and its norm, and notes a refusal with the first tensor to blame. */
static inline void finish_step(__global double *control, __global const double *sums, uint tensor_count,
    __global ulong *refused, double s, double k, int flags, bool skip, ulong ticket) {
  control[CONTROL_GRADIENT_SCALE] = s;
  control[CONTROL_RATE_FACTOR] = k;
  control[skip ? CONTROL_SKIPPED : CONTROL_APPLIED] += 1;
  control[CONTROL_LAST_SKIPPED] = skip ? 1 : 0;
  control[CONTROL_NORM] = (flags & HAS_SUMS) ? s * sqrt(sums[0]) : NAN;
  control[CONTROL_COMPLETED] += 1;
  if (skip && (flags & REFUSES)) {
    uint offender = 0;
    while (offender < tensor_count && isfinite(sums[offender + 1])) {
      offender++;
    }
    uint slot = (uint) (ticket % REMEMBERED_TICKETS) * 2;
    refused[slot] = ticket;
    refused[slot + 1] = offender;
  }
}

__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void apply(OBJECTS(real, value), OBJECTS(real, gradient), __global real *velocity, __global real *rate,
    __global real *weight, __global const real *noise, __global const ulong *tensors, uint tensor_count,
    __global const chunk_t *all_chunks, uint first_chunk, uint chunk_count, __global const uint *all_shares,
    uint first_share, __global const double *settings,
    __global double *control, __global const double *sums, volatile __global uint *arrivals, __global ulong *refused,
    double given_s, double given_k, ulong ticket, int flags) {
  double s = (flags & SCALARS_FROM_CONTROL) ? control[CONTROL_GRADIENT_SCALE] : given_s;
  double k = (flags & SCALARS_FROM_CONTROL) ? control[CONTROL_RATE_FACTOR] : given_k;
  double t = control[CONTROL_APPLIED] + 1;
  bool skip = (flags & HAS_SUMS) && !isfinite(sums[0]);
  __global const chunk_t *chunks = all_chunks + first_chunk;

  FOR_CHUNKS(c, chunk_count, all_shares + first_share) {
    __global const ulong *tensor = tensors + (ulong) chunks[c].x * TENSOR_ROW;
    ulong first = chunks[c].y * CHUNK;
    uint n = (uint) min(tensor[TENSOR_LENGTH] - first, CHUNK);
    bool zero_gradient = tensor[TENSOR_ZERO_GRADIENT] != 0;
    bool aligned = tensor[TENSOR_ALIGNED] != 0;
    __global real *g = OBJECT(gradient, tensor[TENSOR_GRADIENT_OBJECT]) + tensor[TENSOR_GRADIENT] + first;
    if (skip) {
      if (zero_gradient && !(flags & REFUSES)) {
        for (uint i = (uint) get_local_id(0); i < n; i += GROUP_SIZE) {
          g[i] = 0;
        }
      }
      continue;
    }
    __global const double *setting = settings + tensor[TENSOR_GROUP] * SETTING_ROW;
    bool own_norm = setting[SETTING_SCALING] == SCALING_TENSOR_NORM;
    scalars_t a = scalars(setting, (flags & HAS_SUMS) ? sums[own_norm ? chunks[c].x + 1 : 0] : 0.0, s, k, t);
#if NOISE == NOISE_FRESH
    ulong key = as_ulong(setting[SETTING_SEED]) ^ tensor[TENSOR_NAME_HASH];
#endif
    __global real *theta = OBJECT(value, tensor[TENSOR_VALUE_OBJECT]) + tensor[TENSOR_VALUE] + first;
    ulong state = tensor[TENSOR_STATE] + first;

#if MOMENTUM
#define FOR_VELOCITY(action) action
#else
#define FOR_VELOCITY(action)
#endif
#if ESTIMATING
#define FOR_ESTIMATE(action) action
#else
#define FOR_ESTIMATE(action)
#endif
#if NOISE == NOISE_FROZEN
#define EPSILON(LOAD_IT, i) LOAD_IT(noise + state, i)
#elif NOISE == NOISE_FRESH
#define EPSILON(LOAD_IT, i) draw(key, (ulong) t, first + (i))
#else
#define EPSILON(LOAD_IT, i) ((realv) (0))
#endif
// One pass over VEC elements: the memory accesses differ between full vectors and the last, short one.
#define PASS(LOAD_IT, STORE_IT, i) \
    { \
      element_t e; \
      realv gradient = LOAD_IT(g, i); \
      e.theta = LOAD_IT(theta, i); \
      FOR_VELOCITY(e.velocity = LOAD_IT(velocity + state, i);) \
      FOR_ESTIMATE(e.rate = LOAD_IT(rate + state, i);) \
      FOR_ESTIMATE(e.weight = LOAD_IT(weight + state, i);) \
      update(&a, gradient, EPSILON(LOAD_IT, i), &e); \
      STORE_IT(e.theta, theta, i); \
      FOR_VELOCITY(STORE_IT(e.velocity, velocity + state, i);) \
      FOR_ESTIMATE(STORE_IT(e.rate, rate + state, i);) \
      FOR_ESTIMATE(STORE_IT(e.weight, weight + state, i);) \
      if (zero_gradient) { \
        STORE_IT((realv) (0), g, i); \
      } \
    }
#define LOAD_SHORT(p, i) load_some((p) + (i), n - (i))
#define STORE_SHORT(x, p, i) store_some(x, (p) + (i), n - (i))

    for (uint i = (uint) get_local_id(0) * VEC; i < n; i += GROUP_SIZE * VEC) {
      if (n - i >= VEC) {
        PASS(LOAD_FULL, STORE_FULL, i)
      } else {
        PASS(LOAD_SHORT, STORE_SHORT, i)
      }
    }
  }

#if GROUP_SIZE == 1
  __local uint *verdict = 0;
#else
  __local uint verdict[1];
#endif
  bool last = arrive(arrivals, (flags & LAST_LAUNCH) ? (uint) get_num_groups(0) : 0, verdict);
  if (last && get_local_id(0) == 0) {
    finish_step(control, sums, tensor_count, refused, s, k, flags, skip, ticket);
  }
}
