// apply: the fused update of all tensors of a launch, and in the step's last launch its end.
//
// Launch: one work-group walks chunks. It derives the skip decision, t, and its tensor's scalars from the sums and the
// control block itself; both change only after every work-group has read them. One read of gradient, value and state,
// one write of value and state.
//
// The rule comes in front of this: SLOTS, SPREAD_0 and so on, SCALES_GRADIENT_BY_RATE, rule_scalars_t, rule_scalars and
// update. Build options:
//   VALUE, GRADIENT, STATE    how elements are kept, a type of storage.cl
//   MASTER                    the code of what else keeps the value
//   NOISE                     the code of the noise
//   UPDATES                   1 where updates are written, over gradients or elsewhere, and values stay

// The state tensors: the rule's, behind them frozen noise, and last what else keeps the value. DO(LOAD_IT or STORE_IT,
// number, i) for each of the rule's.
#if MOST_SLOTS != 6
#error "the kernel below takes 6 slots"
#endif
#if SLOTS + (NOISE == NOISE_FROZEN) + (MASTER != MASTER_NONE) > MOST_SLOTS
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
#if SLOTS > 4
#error "the macro below counts to 4"
#endif
#define FOR_SLOTS(DO, access, i) \
    WITH_SLOT_0(DO, access, i) WITH_SLOT_1(DO, access, i) WITH_SLOT_2(DO, access, i) \
    WITH_SLOT_3(DO, access, i)
#define LOAD_SLOT(LOAD_IT, number, i) slots[number] = WIDEN(STATE, LOAD_IT(STATE, SLOT(STATE, number), i));
#define STORE_SLOT(STORE_IT, number, i) \
    STORE_IT(STATE, KEEP(STATE, slots[number], r * (ushort) (SPREAD_##number)), SLOT(STATE, number), i);
#define SLOT(type, number) ((__global ELEMENT(type) *) JOIN(slot, number) + JOIN(place, number))
#define NEXT_0 1
#define NEXT_1 2
#define NEXT_2 3
#define NEXT_3 4
#define NEXT_4 5

#if NOISE == NOISE_FROZEN
#define EPSILON(LOAD_IT, i) WIDEN(NOISE_TYPE, LOAD_IT(NOISE_TYPE, SLOT(NOISE_TYPE, SLOTS), i))
#define MASTER_SLOT JOIN(NEXT_, SLOTS)
#else
#define MASTER_SLOT SLOTS
#if NOISE == NOISE_FRESH
#define EPSILON(LOAD_IT, i) from_memory(draw(group->distribution, key, (ulong) t, element + (i)))
#else
#define EPSILON(LOAD_IT, i) ((realv) (0))
#endif
#endif
#if REAL_BITS == 32
#define NOISE_TYPE float32
#else
#define NOISE_TYPE float64
#endif

// The value that is computed with, and where it goes.
#if MASTER == MASTER_REMAINDER
#define LOAD_VALUE(LOAD_IT, i) \
    join_remainder(LOAD_IT(VALUE, theta, i), LOAD_IT(VALUE, SLOT(VALUE, MASTER_SLOT), i))
#define STORE_VALUE(STORE_IT, x, i) \
    { \
      ushortv remainder; \
      STORE_IT(VALUE, split_remainder(x, &remainder), theta, i); \
      STORE_IT(VALUE, remainder, SLOT(VALUE, MASTER_SLOT), i); \
    }
#elif MASTER == MASTER_FLOAT32
#define LOAD_VALUE(LOAD_IT, i) WIDEN(float32, LOAD_IT(float32, SLOT(float32, MASTER_SLOT), i))
#define STORE_VALUE(STORE_IT, x, i) \
    { \
      STORE_IT(VALUE, narrow_float16(x), theta, i); \
      STORE_IT(float32, to_memory(x), SLOT(float32, MASTER_SLOT), i); \
    }
#else
#define LOAD_VALUE(LOAD_IT, i) WIDEN(VALUE, LOAD_IT(VALUE, theta, i))
#define STORE_VALUE(STORE_IT, x, i) STORE_IT(VALUE, KEEP(VALUE, x, r * (ushort) (SPREAD_VALUE)), theta, i);
#endif

#if UPDATES
#if NARROW(VALUE) || NARROW(GRADIENT) || NARROW(STATE)
#error "updates of what is narrow are not written"
#endif
#define START(LOAD_IT, i) ONLY_DECAY(&a, LOAD_VALUE(LOAD_IT, i))
#define STORE_RESULT(STORE_IT, x, i) STORE_IT(VALUE, to_memory(negated ? -(x) : (x)), target, i);
#else
#define START(LOAD_IT, i) decayed(&a, LOAD_VALUE(LOAD_IT, i))
#define STORE_RESULT(STORE_IT, x, i) STORE_VALUE(STORE_IT, x, i)
#endif

#define ROUNDS (NARROW(STATE) || (NARROW(VALUE) && MASTER == MASTER_NONE))
#if ROUNDS
#define DRAW_BITS(i) ushortv r = random_bits(k_of_bits, element + (i));
#else
#define DRAW_BITS(i)
#endif

// What is observed of a block lies in local memory.
#if OBSERVES
#define OBSERVE(i) \
    STORE(to_memory(slots[OBSERVED_D]), 0, observed + ((i) & (uint) (BLOCK - 1))); \
    STORE(to_memory(slots[OBSERVED_V]), 0, observed + BLOCK + ((i) & (uint) (BLOCK - 1)));
#else
#define OBSERVE(i)
#endif

// One pass over VEC elements: the memory accesses differ between full vectors and the last, short one.
#define PASS(LOAD_IT, STORE_IT, i) \
    { \
      realv slots[MOST_SLOTS]; \
      realv f0 = scaled(&a, WIDEN(GRADIENT, LOAD_IT(GRADIENT, g, i))); \
      realv x = START(LOAD_IT, i); \
      FOR_SLOTS(LOAD_SLOT, LOAD_IT, i) \
      update(&rule, f0, EPSILON(LOAD_IT, i), &x, slots); \
      OBSERVE(i) \
      DRAW_BITS(i) \
      STORE_RESULT(STORE_IT, x, i) \
      FOR_SLOTS(STORE_SLOT, STORE_IT, i) \
      if (zero_gradient) { \
        STORE_IT(GRADIENT, (VECTOR(GRADIENT)) (0), g, i); \
      } \
    }
#define UPDATE(start, end) \
    for (uint i = start + (uint) get_local_id(0) * VEC; i < end; i += GROUP_SIZE * VEC) { \
      if (n - i >= VEC) { \
        PASS(LOAD_FULL, STORE_FULL, i) \
      } else { \
        PASS(LOAD_SHORT, STORE_SHORT, i) \
      } \
    }
#define LOAD_FULL(type, p, i) JOIN(load_full_, ELEMENT(type))((p) + (i), aligned)
#define STORE_FULL(type, x, p, i) JOIN(store_full_, ELEMENT(type))(x, (p) + (i), aligned)
#define LOAD_SHORT(type, p, i) JOIN(load_some_, ELEMENT(type))((p) + (i), n - (i))
#define STORE_SHORT(type, x, p, i) JOIN(store_some_, ELEMENT(type))(x, (p) + (i), n - (i))

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
void apply(OBJECTS(ELEMENT(VALUE), value), OBJECTS(ELEMENT(GRADIENT), gradient), __global uchar *slot0,
    __global uchar *slot1, __global uchar *slot2, __global uchar *slot3, __global uchar *slot4, __global uchar *slot5,
    __global uchar *step,
    ulong tensors_at, ulong chunks_at, ulong groups_at, ulong control_at, ulong sums_at, ulong arrivals_at,
    uint tensor_count, uint chunk_count, __global const uint *shares, __global refusal_t *refusals,
    __local uint *verdict, ulong nodes_at, ulong kept_at, ulong products_at, ulong values, __local double *lanes,
    __local real *observed, double given_s, double given_k, ulong ticket, int flags) {
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
#if UPDATES
    bool negated = (tensor->flags & NEGATED) != 0;
    __global ELEMENT(VALUE) *target = OBJECT(value, TARGET_OBJECT(tensor->flags)) + tensor->target + first;
    if (skip && !(flags & REFUSES)) {
      for (uint i = (uint) get_local_id(0); i < n; i += GROUP_SIZE) {
        target[i] = 0;
      }
    }
#endif
    __global ELEMENT(GRADIENT) *g = OBJECT(gradient, GRADIENT_OBJECT(tensor->flags)) + tensor->gradient + first;
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
#if KEEPS == KEEPS_NOTHING
    rule_scalars_t rule = rule_scalars(group->numbers, t, k);
#else
    rule_scalars_t rule = rule_scalars(group, AT(const double, kept_at) + chunks[c].tensor * MOST_KEPT, t, k);
#endif
#if NOISE == NOISE_FRESH || ROUNDS
    ulong element = tensor->offset + first; // as the whole tensor counts
#endif
#if NOISE == NOISE_FRESH
    ulong key = group->seed ^ tensor->nameHash;
#endif
#if ROUNDS
    ulong k_of_bits = rounding_key(group->roundingSeed ^ tensor->nameHash, (ulong) t, element);
#endif
    __global ELEMENT(VALUE) *theta = OBJECT(value, VALUE_OBJECT(tensor->flags)) + tensor->value + first;
    // The same in all slots, unless the caller lent them.
    ulong place0 = tensor->slots[0] + first;
    ulong place1 = tensor->slots[1] + first;
    ulong place2 = tensor->slots[2] + first;
    ulong place3 = tensor->slots[3] + first;
    ulong place4 = tensor->slots[4] + first;
    ulong place5 = tensor->slots[5] + first;

#if OBSERVES
    __global double *products = AT(double, products_at);
    ulong block = (ulong) chunks[c].number * CHUNK_BLOCKS;
    for (uint start = 0; start < n; start += (uint) BLOCK) {
      uint end = min(n, start + (uint) BLOCK);
      UPDATE(start, end)
      TEAM_BARRIER;
      sum_products(observed, observed + BLOCK, end - start, products + tensor->partials + block + start / BLOCK, values,
          lanes);
    }
    climb_products(AT(const node_t, nodes_at), tensor, tensor->node + (uint) (block / BLOCK),
        (n + (uint) BLOCK - 1) / (uint) BLOCK, products, values, AT(volatile uint, arrivals_at) + 1, lanes, verdict);
#else
    UPDATE(0, n)
#endif
  }

  bool last = arrive(AT(volatile uint, arrivals_at), 1, (flags & FINISHES) ? (uint) get_num_groups(0) : 0, verdict);
#if KEEPS != KEEPS_NOTHING
  finish_parameters(AT(const tensor_t, tensors_at), AT(const group_t, groups_at), last && !skip ? tensor_count : 0,
      AT(double, kept_at), AT(const double, products_at), values, k, lanes);
#endif
  if (last && get_local_id(0) == 0) {
    finish_step(control, sums, tensor_count, refusals, s, k, flags, skip, ticket);
  }
}
