// reduce: the sums of squares of all gradients, in the fixed shape.
//
//   S_i = sum over tensor i of g^2         S = sum over S_i, both in the shape of shape.cl
//
// Launch: one work-group walks chunks. Each chunk yields the sums of its blocks. Whoever completes the last input of an
// inner sum (a counter of arrivals tells) computes it and goes on to the sum above, up to the sum over all tensors. Inputs
// of one node that a work-group has in a row, of a long tensor or of many small ones, arrive together.

__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void reduce(OBJECTS(const ELEMENT(GRADIENT), gradient), __global uchar *step, ulong tensors_at, ulong chunks_at,
    ulong nodes_at, ulong arrivals_at, ulong sums_at, uint chunk_count, __global const uint *shares, __local double *lanes,
    __local uint *verdict) {
  __global const chunk_t *chunks = AT(const chunk_t, chunks_at);
  __global const node_t *nodes = AT(const node_t, nodes_at);
  __global double *sums = AT(double, sums_at);
  volatile __global uint *arrivals = AT(volatile uint, arrivals_at);
  uint node = 0;
  uint inputs = 0;
  FOR_CHUNKS(c, chunk_count, shares) {
    __global const tensor_t *tensor = AT(const tensor_t, tensors_at) + chunks[c].tensor;
    ulong length = (tensor->flags & HAS_GRADIENT) ? tensor->length : 0;
    ulong first = chunks[c].number * CHUNK;
    ulong n = min(length - first, CHUNK);
    ulong block = (ulong) chunks[c].number * CHUNK_BLOCKS;
    uint above = tensor->node + (uint) (block / BLOCK);
    climb(nodes, node, above != node ? inputs : 0, sums, arrivals, lanes, verdict);
    inputs = above != node ? 0 : inputs;
    node = above;
    __global double *out = sums + tensor->partials + block;
    sum_squares(OBJECT(gradient, GRADIENT_OBJECT(tensor->flags)) + tensor->gradient + first, n, out, lanes);
    if (n == 0 && get_local_id(0) == 0) {
      *out = 0;
    }
    inputs += max((uint) ((n + BLOCK - 1) / BLOCK), 1u);
  }
  climb(nodes, node, inputs, sums, arrivals, lanes, verdict);
}
