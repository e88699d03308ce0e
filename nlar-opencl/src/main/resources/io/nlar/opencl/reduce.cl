// reduce: the sums of squares of all gradients, in the fixed shape.
//
//   S_i = sum over tensor i of g^2         S = sum over S_i, both in the shape of shape.cl
//
// Launch: one work-group walks chunks of one launch's tensors. Each chunk yields the sums of its blocks; the last chunk of
// a part (1024 blocks) adds the part. In the step's last launch the last work-group adds the parts of each tensor and
// then the tensors. Earlier launches of the same step are done by then, for the queue is in order.

#define PART_CHUNKS (1024 / CHUNK_BLOCKS)

/** The sums of all tensors and their total, by one work-group, from the sums of parts and blocks. */
inline void finish_sums(__global const ulong *tensors, uint tensor_count, __global const double *block_sums,
    __global double *part_sums, __global double *sums, __global double *scratch, __local double *lanes) {
  // Small tensors, a work-item each: their only block or part is their sum.
  for (uint i = (uint) get_local_id(0); i < tensor_count; i += GROUP_SIZE) {
    __global const ulong *tensor = tensors + (ulong) i * TENSOR_ROW;
    ulong length = tensor[TENSOR_HAS_GRADIENT] ? tensor[TENSOR_LENGTH] : 0;
    double sum = 0;
    if (length > 0 && length <= BLOCK * BLOCK) {
      sum = length <= BLOCK ? ((volatile __global const double *) block_sums)[tensor[TENSOR_BLOCKS]]
                            : ((volatile __global const double *) part_sums)[tensor[TENSOR_PARTS]];
    }
    ((volatile __global double *) sums)[i + 1] = sum;
  }
  mem_fence(CLK_GLOBAL_MEM_FENCE);
  TEAM_BARRIER;
  // Large ones, by all work-items.
  for (uint i = 0; i < tensor_count; i++) {
    __global const ulong *tensor = tensors + (ulong) i * TENSOR_ROW;
    ulong length = tensor[TENSOR_LENGTH];
    if (tensor[TENSOR_HAS_GRADIENT] && length > BLOCK * BLOCK) {
      ulong parts = (length + BLOCK * BLOCK - 1) / (BLOCK * BLOCK);
      double sum = sum_levels(part_sums + tensor[TENSOR_PARTS], parts, scratch, lanes);
      if (get_local_id(0) == 0) {
        ((volatile __global double *) sums)[i + 1] = sum;
      }
      mem_fence(CLK_GLOBAL_MEM_FENCE);
      TEAM_BARRIER;
    }
  }
  double total = sum_levels(sums + 1, tensor_count, scratch, lanes);
  if (get_local_id(0) == 0) {
    sums[0] = total;
  }
}

__kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1)))
void reduce(OBJECTS(const real, gradient), __global const ulong *tensors, uint tensor_count,
    __global const chunk_t *all_chunks, uint first_chunk, uint chunk_count, __global double *block_sums, __global double *part_sums,
    volatile __global uint *arrivals, __global double *sums, __global double *scratch, int last_launch) {
#if GROUP_SIZE == 1
  __local double *lanes = 0;
  __local uint *verdict = 0;
#else
  __local double lanes[GROUP_SIZE];
  __local uint verdict[1];
#endif
  __global const chunk_t *chunks = all_chunks + first_chunk;
  FOR_CHUNKS(c, chunk_count) {
    __global const ulong *tensor = tensors + (ulong) chunks[c].x * TENSOR_ROW;
    uint number = chunks[c].y;
    __global const real *x = OBJECT(gradient, tensor[TENSOR_GRADIENT_OBJECT]) + tensor[TENSOR_GRADIENT]
        + number * CHUNK;
    ulong left = tensor[TENSOR_LENGTH] - number * CHUNK;
    uint blocks = (uint) ((min(left, CHUNK) + BLOCK - 1) / BLOCK);
    __global double *mine = block_sums + tensor[TENSOR_BLOCKS] + (ulong) number * CHUNK_BLOCKS;
    sum_squares(x, left, blocks, mine, lanes);
    if (tensor[TENSOR_LENGTH] > BLOCK) {
      uint part = number / PART_CHUNKS;
      ulong all = (tensor[TENSOR_LENGTH] + BLOCK - 1) / BLOCK - part * BLOCK;
      ulong part_blocks = min(all, BLOCK);
      uint part_chunks = (uint) ((part_blocks + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS);
      if (arrive(arrivals + 1 + tensor[TENSOR_PARTS] + part, part_chunks, verdict)) {
        sum_level(block_sums + tensor[TENSOR_BLOCKS] + part * BLOCK, part_blocks,
            part_sums + tensor[TENSOR_PARTS] + part, lanes);
      }
    }
  }
  if (last_launch && arrive(arrivals, (uint) get_num_groups(0), verdict)) {
    finish_sums(tensors, tensor_count, block_sums, part_sums, sums, scratch, lanes);
  }
}
