// How work-groups find their work and their end. The records of the tables, all codes and all flags come from the host
// (Preamble.java), in front of this. Build options:
//   GROUP_SIZE     work-items of a work-group: 1 on a CPU, where it walks its chunks alone
//   CHUNK_BLOCKS   blocks of 1024 elements a chunk
//
// Note [separate memory objects]. An OpenCL 1.2 table cannot hold pointers, so a launch takes up to eight memory
// objects of values and eight of gradients as arguments; a tensor's flags say which of them are its own, and its places
// are the numbers of first elements. All else of a step lies in one memory object, at bytes that the launch is told.

#define CHUNK (CHUNK_BLOCKS * BLOCK)

#define AT(type, offset) ((__global type *) (step + (offset)))

#if OBJECTS_A_LAUNCH != 8
#error "the macros below count to 8"
#endif

#define OBJECTS(type, name) __global type *name##0, __global type *name##1, __global type *name##2, \
    __global type *name##3, __global type *name##4, __global type *name##5, __global type *name##6, \
    __global type *name##7

#define VALUE_OBJECT(flags) (((flags) >> VALUE_OBJECT_SHIFT) & OBJECT_MASK)
#define TARGET_OBJECT(flags) (((flags) >> TARGET_OBJECT_SHIFT) & OBJECT_MASK)
#define GRADIENT_OBJECT(flags) (((flags) >> GRADIENT_OBJECT_SHIFT) & OBJECT_MASK)
#define OBJECT(name, i) ((i) < 4 ? ((i) < 2 ? ((i) < 1 ? name##0 : name##1) : ((i) < 3 ? name##2 : name##3)) \
    : ((i) < 6 ? ((i) < 5 ? name##4 : name##5) : ((i) < 7 ? name##6 : name##7)))

#if GROUP_SIZE == 1
#define TEAM_BARRIER
// A CPU's work-groups each take a contiguous share of the chunks, whose bounds the host has weighed by elements.
#define FOR_CHUNKS(i, count, shares) \
    for (uint i = (shares)[get_group_id(0)], end_ = (shares)[get_group_id(0) + 1]; i < end_; i++)
#else
#define TEAM_BARRIER barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#define FOR_CHUNKS(i, count, shares) \
    for (uint i = (uint) get_group_id(0); i < (count); i += (uint) get_num_groups(0))
#endif

// Note [local memory]. What a work-group shares comes as an argument. PoCL 3.1 makes a static variable of a local one
// that it can take apart: work-groups in different threads then overwrite each other's, and a step in thousands takes
// the sums of the one before.

// Note [last arriver]. What a work-group wrote before arrive() is read by the group that arrives last. OpenCL 1.2
// promises no more than that a fence commits a work-item's stores to memory before its later accesses, and that
// atomics work across groups; so stores that others read are followed by a fence and an atomic, and reads come after
// both and are volatile, past any cache that is not coherent. That is what all implementations of such reductions rely
// on. Nothing ever spins, so groups may run one after another.

/**
 * Whether with `count` arrivals more, this work-group's, all `expected` ones are there; leaves the counter at 0 for the
 * next step then. Where none is expected nothing is counted and none is the last, so that barriers need no condition
 * around them.
 */
static inline bool arrive(volatile __global uint *counter, uint count, uint expected, __local uint *verdict) {
#if GROUP_SIZE == 1
  bool last = false;
  if (expected > 0) {
    mem_fence(CLK_GLOBAL_MEM_FENCE);
    last = atomic_add(counter, count) + count == expected;
    if (last) {
      atomic_xchg(counter, 0);
    }
    mem_fence(CLK_GLOBAL_MEM_FENCE);
  }
  return last;
#else
  mem_fence(CLK_GLOBAL_MEM_FENCE);
  TEAM_BARRIER;
  if (get_local_id(0) == 0) {
    *verdict = expected > 0 && atomic_add(counter, count) + count == expected;
    if (*verdict) {
      atomic_xchg(counter, 0);
    }
    mem_fence(CLK_GLOBAL_MEM_FENCE);
  }
  TEAM_BARRIER;
  bool last = *verdict != 0;
  TEAM_BARRIER;
  return last;
#endif
}
