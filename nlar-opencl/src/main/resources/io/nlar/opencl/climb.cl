// The way up in the tree of sums: whoever completes the last input of an inner sum computes it and goes on to the sum above.

/** Arrival of `inputs` inputs of a node, and of what becomes complete by them; of none nothing. */
static inline void climb(__global const node_t *nodes, uint number, uint inputs, __global double *sums,
    volatile __global uint *arrivals, __local double *lanes, __local uint *verdict) {
  for (uint climbing = inputs > 0; climbing; ) {
    __global const node_t *node = nodes + number;
    bool complete = arrive(arrivals + number, inputs, node->count, verdict);
    sum_level(sums + node->in, complete ? node->count : 0, sums + node->out, lanes);
    inputs = 1;
    number = node->parent;
    climbing = complete && number != NO_NODE;
  }
}
