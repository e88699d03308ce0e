// The two passes of a step with momentum, without arithmetic: the same arrays are read and written. What is loaded must
// go somewhere, or the compiler would drop the load: g goes into an OR (the one operation) whose result is all but never
// written, and theta, v, D, A are stored one array further on.
//
// On a CPU (-D CPU) a work-item is a core's and walks a contiguous part; elsewhere work-item i takes element i, i +
// global size, and so on, so that neighbours' accesses are one transaction.

#ifdef CPU
typedef ulong8 word;
#define OR_ALL(x) (x.s0 | x.s1 | x.s2 | x.s3 | x.s4 | x.s5 | x.s6 | x.s7)
#define FOR_WORDS(i, n) \
  for (ulong i = get_global_id(0) * (n) / get_global_size(0), end = (get_global_id(0) + 1) * (n) / get_global_size(0); \
       i < end; i++)
#else
typedef ulong2 word;
#define OR_ALL(x) (x.s0 | x.s1)
#define FOR_WORDS(i, n) for (ulong i = get_global_id(0); i < (n); i += get_global_size(0))
#endif

#define IMPROBABLE 0x9e3779b97f4a7c15UL

__kernel void reduce(__global const word *g, ulong n, __global ulong *sink) {
  word seen = 0;
  FOR_WORDS(i, n) {
    seen |= g[i];
  }
  if (OR_ALL(seen) == IMPROBABLE) {
    sink[0] = IMPROBABLE;
  }
}

__kernel void apply(__global const word *restrict g, __global word *restrict theta, __global word *restrict v,
    __global word *restrict rate, __global word *restrict weight, ulong n, __global ulong *sink) {
  word seen = 0;
  FOR_WORDS(i, n) {
    seen |= g[i];
    word old_theta = theta[i];
    word old_v = v[i];
    word old_rate = rate[i];
    word old_weight = weight[i];
    theta[i] = old_v;
    v[i] = old_rate;
    rate[i] = old_weight;
    weight[i] = old_theta;
  }
  if (OR_ALL(seen) == IMPROBABLE) {
    sink[0] = IMPROBABLE;
  }
}
