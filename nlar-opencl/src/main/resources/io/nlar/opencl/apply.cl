// apply: the fused update of all tensors of a launch, and in the step's last launch its end.
//
// Launch: one work-group walks chunks. It derives the skip decision, t, and its tensor's scalars from the sums and the
// control block itself; both change only after every work-group has read them. One read of gradient, value and state,
// one write of value and state.
//
// The rule comes in front of this: SLOTS, SCALES_GRADIENT_BY_RATE, rule_scalars_t, rule_scalars and update. NOISE is the
// code of the noise, a build option.

// Full vectors, where the pointers are aligned to them, go in one access; VEC scalar accesses would not be coalesced.
#if GROUP_SIZE == 1
#define LOAD_FULL(p, i) TO_REALV(LOAD(0, (p) + (i)))
#define STORE_FULL(x, p, i) STORE(TO_STOREDV(x), 0, (p) + (i))
#else
#define LOAD_FULL(p, i) TO_REALV(aligned ? *(__global const storedv *) ((p) + (i)) : LOAD(0, (p) + (i)))
#define STORE_FULL(x, p, i) \
    do { \
      if (aligned) { \
        *(__global storedv *) ((p) + (i)) = TO_STOREDV(x); \
      } else { \
        STORE(TO_STOREDV(x), 0, (p) + (i)); \
      } \
    } while (0)
#endif

/** Loads the first n < VEC elements of a vector; the others are 0. */
static inline realv load_some(__global const stored *p, uint n) {
  stored x[VEC];
  for (uint j = 0; j < VEC; j++) {
    x[j] = j < n ? p[j] : 0;
  }
  return TO_REALV(LOAD(0, x));
}

static inline void store_some(realv v, __global stored *p, uint n) {
  stored x[VEC];
  STORE(TO_STOREDV(v), 0, x);
  for (uint j = 0; j < n; j++) {
    p[j] = x[j];
  }
}

// The state tensors: the rule's, and behind them frozen noise. DO(LOAD_IT or STORE_IT, number, i) for each of the rule's.
#if MOST_SLOTS != 4
#error "the kernel below takes 4 slots"
#endif
#if SLOTS + (NOISE == NOISE_FROZEN) > MOST_SLOTS
#error "more slots than a kernel takes"
#endif
#if SLOTS > 0
#define WITH_SLOT_0(DO, access, i) DO(access, 0, i)
#else
#define WITH_SLOT_0(DO, access, i)
#endif
#if SLOTS > 1
#define WITH_SLOT_1(DO, access, i) DO(access, 1, i)
#else
#define WITH_SLOT_1(DO, access, i)
#endif
#if SLOTS > 2
#define WITH_SLOT_2(DO, access, i) DO(access, 2, i)
#else
#define WITH_SLOT_2(DO, access, i)
#endif
#if SLOTS > 3
#define WITH_SLOT_3(DO, access, i) DO(access, 3, i)
#else
#define WITH_SLOT_3(DO, access, i)
#endif
#define FOR_SLOTS(DO, access, i) \
    WITH_SLOT_0(DO, access, i) WITH_SLOT_1(DO, access, i) WITH_SLOT_2(DO, access, i) WITH_SLOT_3(DO, access, i)
#define LOAD_SLOT(LOAD_IT, number, i) slots[number] = LOAD_IT(slot##number + state, i);
#define STORE_SLOT(STORE_IT, number, i) STORE_IT(slots[number], slot##number + state, i);

#if NOISE == NOISE_FROZEN
#define EPSILON(LOAD_IT, i) LOAD_IT(JOIN(slot, SLOTS) + state, i)
#elif NOISE == NOISE_FRESH
#define EPSILON(LOAD_IT, i) draw(key, (ulong) t, first + (i))
#else
#define EPSILON(LOAD_IT, i) ((realv) (0))
#endif

// One pass over VEC elements: the memory accesses differ between full vectors and the last, short one.
#define PASS(LOAD_IT, STORE_IT, i) \
    { \
      realv slots[MOST_SLOTS]; \
      realv f0 = scaled(&a, LOAD_IT(g, i)); \
      realv x = decayed(&a, LOAD_IT(theta, i)); \
      FOR_SLOTS(LOAD_SLOT, LOAD_IT, i) \
      update(&rule, f0, EPSILON(LOAD_IT, i), &x, slots); \
      STORE_IT(x, theta, i); \
      FOR_SLOTS(STORE_SLOT, STORE_IT, i) \
      if (zero_gradient) { \
        STORE_IT((realv) (0), g, i); \
      } \
    }
#define LOAD_SHORT(p, i) load_some((p) + (i), n - (i))
#define STORE_SHORT(x, p, i) store_some(x, (p) + (i), n - (i))

/** Counts the step, leaves its scalars and its norm, and notes a refusal with the first tensor to blame. */
static inline void finish_step(__global double *control, __global const double *sums, uint tensor_count,
    __global refusal_t *refusals, double s, double k, int flags, bool skip, ulong ticket) {
  control[CONTROL_GRADIENT_SCALE] = s;
  control[CONTROL_RATE_FACTOR] = k;
  control[skip ? CONTROL_SKIPPED : CONTROL_APPLIED] += 1;
  control[CONTROL_LAST_SKIPPED] = skip ? 1 : 0;
  control[CONTROL_NORM] = (flags & REDUCED) ? s * sqrt(sums[0]) : NAN;
  control[CONTROL_COMPLETED] += 1;
  if (skip && (flags & REFUSES)) {
    uint offender = 0;
    while (offender < tensor_count && isfinite(sums[offender + 1])) {
      offender++;
    }
    refusals[ticket % REMEMBERED_TICKETS].ticket = ticket;
    refusals[ticket % REMEMBERED_TICKETS].offender = offender;
  }
}

__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void apply(OBJECTS(stored, value), OBJECTS(stored, gradient), __global stored *slot0, __global stored *slot1,
    __global stored *slot2, __global stored *slot3, __global uchar *step, ulong tensors_at, ulong chunks_at,
    ulong groups_at, ulong control_at, ulong sums_at, ulong arrivals_at, uint tensor_count, uint chunk_count,
    __global const uint *shares, __global refusal_t *refusals, __local uint *verdict, double given_s, double given_k,
    ulong ticket, int flags) {
  __global const chunk_t *chunks = AT(const chunk_t, chunks_at);
  __global const double *sums = AT(const double, sums_at);
  __global double *control = AT(double, control_at);
  double s = (flags & SCALARS_GIVEN) ? given_s : control[CONTROL_GRADIENT_SCALE];
  double k = (flags & SCALARS_GIVEN) ? given_k : control[CONTROL_RATE_FACTOR];
  double t = control[CONTROL_APPLIED] + 1;
  bool skip = (flags & REDUCED) && !isfinite(sums[0]);

  FOR_CHUNKS(c, chunk_count, shares) {
    __global const tensor_t *tensor = AT(const tensor_t, tensors_at) + chunks[c].tensor;
    ulong first = chunks[c].number * CHUNK;
    uint n = (uint) min(tensor->length - first, CHUNK);
    bool zero_gradient = (tensor->flags & ZERO_GRADIENT) != 0;
    bool aligned = (tensor->flags & VALUE_ALIGNED) && (tensor->flags & GRADIENT_ALIGNED);
    __global stored *g = OBJECT(gradient, GRADIENT_OBJECT(tensor->flags)) + tensor->gradient + first;
    if (skip) {
      if (zero_gradient && !(flags & REFUSES)) {
        for (uint i = (uint) get_local_id(0); i < n; i += GROUP_SIZE) {
          g[i] = 0;
        }
      }
      continue;
    }
    __global const group_t *group = AT(const group_t, groups_at) + tensor->group;
    bool own_norm = group->scaling == SCALING_TENSOR_NORM;
    scalars_t a = scalars(group, (flags & REDUCED) ? sums[own_norm ? chunks[c].tensor + 1 : 0] : 0.0, s, k,
        SCALES_GRADIENT_BY_RATE ? k : 1.0);
    rule_scalars_t rule = rule_scalars(group->numbers, t, k);
#if NOISE == NOISE_FRESH
    ulong key = group->seed ^ tensor->nameHash;
#endif
    __global stored *theta = OBJECT(value, VALUE_OBJECT(tensor->flags)) + tensor->value + first;
    ulong state = tensor->slots[0] + first;  // the same in all slots

    for (uint i = (uint) get_local_id(0) * VEC; i < n; i += GROUP_SIZE * VEC) {
      if (n - i >= VEC) {
        PASS(LOAD_FULL, STORE_FULL, i)
      } else {
        PASS(LOAD_SHORT, STORE_SHORT, i)
      }
    }
  }

  bool last = arrive(AT(volatile uint, arrivals_at), 1, (flags & FINISHES) ? (uint) get_num_groups(0) : 0, verdict);
  if (last && get_local_id(0) == 0) {
    finish_step(control, sums, tensor_count, refusals, s, k, flags, skip, ticket);
  }
}
