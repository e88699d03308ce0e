// reduce: the sums of squares of all gradients, in the fixed shape.
//
//   S_i = sum over tensor i of g^2         S = sum over S_i, both in the shape of shape.cl
//
// Launch: one work-group walks chunks of one launch's tensors. Each chunk yields the sums of its blocks; the last
// chunk of a part (1024 blocks) adds the part. In the step's last launch the last work-group adds the parts of each
// tensor and then the tensors. Earlier launches of the same step are done by then, for the queue is in order.

#define PART_CHUNKS (1024 / CHUNK_BLOCKS)

/** The sum over a tensor, from its blocks or parts. No part was read before in this launch, so no cache holds one. */
static inline double tensor_sum(__global const ulong *tensor, __global const double *block_sums,
    __global const double *part_sums, __global double *scratch) {
  ulong length = tensor[TENSOR_HAS_GRADIENT] ? tensor[TENSOR_LENGTH] : 0;
  if (length == 0) {
    return 0;
  }
  if (length <= BLOCK) {
    return ((volatile __global const double *) block_sums)[tensor[TENSOR_BLOCKS]];
  }
  __global const double *parts = part_sums + tensor[TENSOR_PARTS];
  if (length <= BLOCK * BLOCK) {
    return *(volatile __global const double *) parts;
  }
  return sum_alone(parts, (length + BLOCK * BLOCK - 1) / (BLOCK * BLOCK), scratch + tensor[TENSOR_PARTS]);
}

__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void reduce(OBJECTS(const stored, gradient), __global const ulong *tensors, uint tensor_count,
    __global const chunk_t *all_chunks, uint first_chunk, uint chunk_count, __global const uint *all_shares,
    uint first_share, __global double *block_sums, __global double *part_sums, volatile __global uint *arrivals,
    __global double *sums, __global double *scratch, int last_launch, __local double *lanes, __local uint *verdict) {
  __global const chunk_t *chunks = all_chunks + first_chunk;
  FOR_CHUNKS(c, chunk_count, all_shares + first_share) {
    __global const ulong *tensor = tensors + (ulong) chunks[c].x * TENSOR_ROW;
    uint number = chunks[c].y;
    __global const stored *x = OBJECT(gradient, tensor[TENSOR_GRADIENT_OBJECT]) + tensor[TENSOR_GRADIENT]
        + number * CHUNK;
    ulong left = min(tensor[TENSOR_LENGTH] - number * CHUNK, CHUNK);
    sum_squares(x, left, block_sums + tensor[TENSOR_BLOCKS] + (ulong) number * CHUNK_BLOCKS, lanes);
    uint part = number / PART_CHUNKS;
    ulong part_blocks = min((tensor[TENSOR_LENGTH] + BLOCK - 1) / BLOCK - part * BLOCK, BLOCK);
    bool single_block = tensor[TENSOR_LENGTH] <= BLOCK;
    uint part_chunks = single_block ? 0 : (uint) ((part_blocks + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS);
    bool part_done = arrive(arrivals + 1 + tensor[TENSOR_PARTS] + part, part_chunks, verdict);
    sum_level(block_sums + tensor[TENSOR_BLOCKS] + part * BLOCK, part_done ? part_blocks : 0,
        part_sums + tensor[TENSOR_PARTS] + part, lanes);
  }

  bool last = arrive(arrivals, last_launch ? (uint) get_num_groups(0) : 0, verdict);
  if (last) {
    for (uint i = (uint) get_local_id(0); i < tensor_count; i += GROUP_SIZE) {
      ((volatile __global double *) sums)[i + 1] =
          tensor_sum(tensors + (ulong) i * TENSOR_ROW, block_sums, part_sums, scratch);
    }
  }
  TEAM_BARRIER;
  double total = sum_levels(sums + 1, last ? tensor_count : 1, scratch, lanes);
  if (last && get_local_id(0) == 0) {
    sums[0] = total;
  }
}
