// The tables that the host lays out in device memory and the kernels read. The Java side writes the same offsets
// (io.nlar.cuda.TensorTable, ChunkTable, GroupTable, SumTree, Refusals, StepArguments); LayoutTest compares each of them,
// and every constant.
#pragma once

namespace nlar {

using u32 = unsigned int;
using u64 = unsigned long long;
using s64 = long long;

// [chunks] A chunk is 8192 consecutive elements of one tensor, or what is left at its end. A thread block works on one
// chunk (or, where there are few, on a part of it); which one it is comes from a table, so that any number of tensors is
// one launch. With 4096 elements of 16 bits a thread block takes a fourth of its time to find out what it has to do.
constexpr u32 CHUNK = 8192;
// [fixed-shape sums] A block of the sum is 1024 elements = 32 rows of 32 lanes (docs/numerics.md).
constexpr u32 SUM_BLOCK = 1024;
constexpr u32 LANES = 32;  // of a row, and of a warp
constexpr u32 ALL_LANES = 0xffffffffu;

// Threads of a thread block. In a reduction a warp takes two blocks of a chunk.
constexpr u32 SUM_THREADS = CHUNK / SUM_BLOCK / 2 * LANES;
constexpr u32 APPLY_THREADS = 256;

// Codes of settings (io.nlar.spi.Codes).
enum Noise : u32 { NOISE_NONE, NOISE_FROZEN, NOISE_FRESH };
enum Distribution : u32 {
  DISTRIBUTION_UNIFORM,
  DISTRIBUTION_GAUSSIAN,
  DISTRIBUTION_LAPLACE,
  DISTRIBUTION_RADEMACHER,
  DISTRIBUTION_STUDENT_T
};
enum Scaling : u32 {
  SCALING_NONE,
  SCALING_GLOBAL_NORM,
  SCALING_TENSOR_NORM,
  SCALING_NORMALISED,
  SCALING_NORMALISED_SQUARE,
  SCALING_VALUE,
  SCALING_SOFT
};
enum Keeps : u32 { KEEPS_NOTHING, KEEPS_PEAK, KEEPS_LOG_RATE };
enum Decay : u32 { DECAY_NONE, DECAY_INVERSE, DECAY_INVERSE_SQRT, DECAY_CONSTANT };

// The most numbers of a rule, and the most state tensors of a parameter.
constexpr u32 MOST_NUMBERS = 8;
constexpr u32 MOST_SLOTS = 6;
// The most numbers that a rule keeps of a parameter, and the sums of products that an observing one takes of it.
constexpr u32 MOST_KEPT = 3;
constexpr u32 PRODUCTS = 3;

// Bytes of the widest access, and the alignment that it takes.
constexpr u32 WIDE = 16;

// Flags of a tensor.
constexpr u32 ZERO_GRADIENT = 1;
constexpr u32 VALUE_ALIGNED = 2;     // to WIDE bytes, and what is written too; state always is
constexpr u32 GRADIENT_ALIGNED = 4;  // to WIDE bytes
constexpr u32 NEGATED = 16;          // an update is to be subtracted

struct Tensor {
  void* value;
  void* gradient;           // null: left alone, and its sum of squares is +0
  void* target;             // what is written: the value, or an update
  void* slots[MOST_SLOTS];  // the rule's, then frozen noise, then what is behind the value; null behind them
  u64 length;
  u64 offset;    // the number of its first element in the whole tensor, of which it may be a part
  u64 nameHash;  // its part of the noise's key
  u64 partials;  // index in sums of the first block's sum
  u32 node;      // the sum node that takes block 0; block i arrives at node + i / 1024
  u32 group;
  u32 flags;
  u32 index;  // among all tensors of the step
};

struct Chunk {
  u32 tensor;
  u32 number;  // its first element is number * CHUNK
};

// The settings of a parameter group.
struct Group {
  double numbers[MOST_NUMBERS];  // the rule's
  double bound;
  double decayRate;  // weight decay, times (initial) learning rate where the rule has it no otherwise
  u64 seed;          // of noise
  u64 roundingSeed;  // of the random bits by which numbers are rounded
  u32 scaling;
  u32 decays;        // whether a value decays before the rule's update
  u32 distribution;  // of noise
  u32 keeps;         // what the rule keeps of a parameter
};

constexpr u32 NO_NODE = 0xffffffffu;

// One value from up to 1024 consecutive ones, computed by whoever completes the last of them.
struct Node {
  u64 in;   // index in sums
  u64 out;  // index in sums
  u32 count;
  u32 parent;  // NO_NODE at the top
};

// A step refused under NonFinite.FAIL: slot ticket % REFUSALS of a ring in host memory.
struct Refusal {
  u64 ticket;
  u64 offender;
};
constexpr u32 REFUSALS = 1024;

// Flags of a launch.
constexpr u32 SCALARS_GIVEN = 1;  // s and k are arguments, not read from the control block
constexpr u32 FINISHES = 2;       // the last launch of the step: closes it in the control block
constexpr u32 REDUCED = 4;        // there are sums of squares
constexpr u32 REFUSES = 8;        // NonFinite.FAIL

// Types of gradients of a launch.
enum GradientType : u32 { GRADIENT_FLOAT32, GRADIENT_BFLOAT16, GRADIENT_FLOAT16 };

// Elements of the control block (io.nlar.Control).
enum Control : u32 { GRADIENT_SCALE, RATE_FACTOR, APPLIED, SKIPPED, LAST_SKIPPED, NORM, COMPLETED };

// What every kernel of a step is launched with.
struct StepArguments {
  const Tensor* tensors;
  const Chunk* chunks;
  const Group* groups;
  const Node* nodes;
  u32* nodeArrivals;  // one counter a node; back at 0 after every launch
  double* sums;       // total, one per tensor, then inner values of the sums
  double* control;
  u32* arrivals;  // counter of thread blocks; back at 0 after every launch
  Refusal* refusals;
  double* kept;      // MOST_KEPT numbers of each tensor
  double* products;  // sums of products: d v, d d and v v, each as many values as sums has
  u64 values;        // how many these are
  double gradientScale;
  double rateFactor;
  u64 ticket;
  u32 chunkCount;
  u32 tensorCount;
  u32 flags;
  u32 splitting;  // an apply launch has 2^splitting thread blocks a chunk
  u32 gradient;   // the type of an apply launch's gradients, where its kernel takes any
  u32 noise;      // the kind of its noise, likewise
};

}  // namespace nlar
