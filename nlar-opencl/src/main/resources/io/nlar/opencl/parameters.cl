// What rules keep of whole parameters, and what they learn (docs/numerics.md, "Averaged rules"): the sums of products of each
// block while it is updated, those of each tensor by whoever completes them, and at the end of the step, by its last
// work-group, the numbers of all tensors. Launches of such rules come last, those that observe behind the others.

#ifndef KEEPS
#define KEEPS KEEPS_NOTHING
#endif
#define OBSERVES (KEEPS == KEEPS_LOG_RATE)

#if OBSERVES

#include "lanes.cl"
#include "climb.cl"

/** Leaves the sums of products of a block of n elements that lie in local memory: d v, d d and v v, `values` apart. */
#if GROUP_SIZE == 1
static inline void sum_products(__local real *d, __local real *v, uint n, __global double *sums, ulong values,
    __local double *lanes) {
  for (uint i = n; i % LANES != 0; i++) {
    d[i] = 0;
    v[i] = 0;
  }
  double16 dv[2] = {0, 0};
  double16 dd[2] = {0, 0};
  double16 vv[2] = {0, 0};
  for (uint i = 0; i < n; i += LANES) {
    for (uint side = 0; side < 2; side++) {
      double16 x = convert_double16(vload16(side, d + i));
      double16 y = convert_double16(vload16(side, v + i));
      dv[side] += x * y;
      dd[side] += x * x;
      vv[side] += y * y;
    }
  }
  sums[0] = add_lanes(dv[0], dv[1]);
  sums[values] = add_lanes(dd[0], dd[1]);
  sums[2 * values] = add_lanes(vv[0], vv[1]);
}
#else
static inline void sum_products(__local real *d, __local real *v, uint n, __global double *sums, ulong values,
    __local double *lanes) {
  for (uint j = (uint) get_local_id(0); j < PRODUCTS * LANES; j += GROUP_SIZE) {
    __local const real *a = j < 2 * LANES ? d : v;
    __local const real *b = j < LANES || j >= 2 * LANES ? v : d;
    double sum = 0;
    for (uint i = j % LANES; i < n; i += LANES) {
      sum += (double) a[i] * (double) b[i];
    }
    lanes[j] = sum;
  }
  TEAM_BARRIER;
  if (get_local_id(0) == 0) {
    for (uint q = 0; q < PRODUCTS; q++) {
      ((volatile __global double *) sums)[q * values] =
          add_lanes(vload16(0, lanes + q * LANES), vload16(1, lanes + q * LANES));
    }
  }
  TEAM_BARRIER;
}
#endif

/** Arrival of `inputs` blocks of a tensor at a node; the sums end at the tensor's own. */
static inline void climb_products(__global const node_t *nodes, __global const tensor_t *tensor, uint number, uint inputs,
    __global double *products, ulong values, volatile __global uint *arrivals, __local double *lanes,
    __local uint *verdict) {
  ulong own = tensor->index + 1ul;
  for (uint climbing = tensor->partials != own; climbing; ) {
    __global const node_t *node = nodes + number;
    bool complete = arrive(arrivals + number, inputs, node->count, verdict);
    for (uint q = 0; q < PRODUCTS; q++) {
      sum_level(products + q * values + node->in, complete ? node->count : 0, products + q * values + node->out, lanes);
    }
    inputs = 1;
    number = node->parent;
    climbing = complete && node->out != own;
  }
}

#endif

#if KEEPS != KEEPS_NOTHING

/** The group of a tensor that takes part in a step by a rule that keeps numbers; null for others. */
static inline __global const group_t *keeping(__global const tensor_t *tensor, __global const group_t *groups) {
  __global const group_t *group = groups + tensor->group;
  bool takes_part = (tensor->flags & HAS_GRADIENT) && tensor->length > 0 && group->keeps != KEEPS_NOTHING;
  return takes_part ? group : 0;
}

#if OBSERVES

/** Whether a number says something, as the product of two sums of squares. */
static inline bool positive(double scale) {
  return scale > 0 && isfinite(scale);
}

/** A sum over all tensors that are observed: 32 lanes, in which they come in turn. */
static inline double total_products(__global const tensor_t *tensors, __global const group_t *groups, uint tensor_count,
    volatile __global const double *own, __local double *lanes) {
  for (uint l = (uint) get_local_id(0); l < LANES; l += GROUP_SIZE) {
    double sum = 0;
    for (uint i = l; i < tensor_count; i += LANES) {
      __global const group_t *group = keeping(tensors + i, groups);
      if (group != 0 && group->keeps == KEEPS_LOG_RATE) {
        sum += own[i];
      }
    }
    lanes[l] = sum;
  }
  TEAM_BARRIER;
  double total = add_lanes(vload16(0, lanes), vload16(1, lanes));
  TEAM_BARRIER;
  return total;
}

/** s of the step; NaN where nothing is learned. */
static inline double evidence_of(__global const tensor_t *tensors, __global const group_t *groups, uint tensor_count,
    __global const double *products, ulong values, double unit, __local double *lanes) {
  double dv = total_products(tensors, groups, tensor_count, products + 1, lanes);
  double dd = total_products(tensors, groups, tensor_count, products + values + 1, lanes);
  double vv = total_products(tensors, groups, tensor_count, products + 2 * values + 1, lanes);
  double scale = dd * vv;
  if (!positive(scale)) {
    return NAN;
  }
  double z = (unit * -dv) / sqrt(scale);
  return z / (1.0 + fabs(z));
}

/** What a tensor learns. */
static inline void learn(__global const double *numbers, __global double *kept, volatile __global const double *own,
    ulong values, double s) {
  double scale = own[values] * own[2 * values];
  if (positive(scale)) {
    double evidence = -own[0] / sqrt(scale) + numbers[7];
    double most = kept[0] < 0 ? -kept[0] : 0.0; // s raises rates to 1 only
    double growth = s > 0 ? (numbers[5] * s) / (1.0 + kept[2]) : 0.0;
    double grown = kept[0] + ((growth < most ? growth : most) + numbers[6] * evidence);
    kept[0] = grown < numbers[4] ? grown : numbers[4];
  }
  kept[2] = kept[2] + (1.0 - s);
}

#endif

/**
 * The end of a step for all that is kept of tensors; by the whole work-group that arrived last. The others have 0 tensors, so that
 * barriers need no condition around them.
 */
static inline void finish_parameters(__global const tensor_t *tensors, __global const group_t *groups, uint tensor_count,
    __global double *kept, __global const double *products, ulong values, double k, __local double *lanes) {
#if OBSERVES
  double unit = 0;
  for (uint i = 0; unit == 0 && i < tensor_count; i++) {
    __global const group_t *group = keeping(tensors + i, groups);
    unit = group != 0 && group->keeps == KEEPS_LOG_RATE ? group->numbers[3] : 0;
  }
  double s = evidence_of(tensors, groups, tensor_count, products, values, unit, lanes);
#endif
  for (uint i = (uint) get_local_id(0); i < tensor_count; i += GROUP_SIZE) {
    __global const group_t *group = keeping(tensors + i, groups);
    if (group != 0) {
      __global double *own = kept + i * MOST_KEPT;
      double rate = root_of_weight(group, own, k);
      own[1] = own[1] + rate * rate;
      if (group->keeps == KEEPS_PEAK) {
        own[0] = rate;
      }
#if OBSERVES
      else if (!isnan(s)) {
        learn(group->numbers, own, products + 1 + i, values, s);
      }
#endif
    }
  }
}

#endif
