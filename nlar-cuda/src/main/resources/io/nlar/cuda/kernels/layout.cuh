// The tables that the host lays out in device memory and the kernels read. The Java side writes the same offsets
// (io.nlar.cuda.TensorTable, ChunkTable, GroupTable, SumTree, StepArguments).
#pragma once

namespace nlar {

using u32 = unsigned int;
using u64 = unsigned long long;

// [chunks] A chunk is 4096 consecutive elements of one tensor, or what is left at its end. A thread block works on one
// chunk (or, where there are few, on a part of it); which one it is comes from a table, so that any number of tensors is
// one launch.
constexpr u32 CHUNK = 4096;
// [fixed-shape sums] A block of the sum is 1024 elements = 32 rows of 32 lanes (docs/numerics.md).
constexpr u32 SUM_BLOCK = 1024;
constexpr u32 LANES = 32;  // of a row, and of a warp
constexpr u32 ALL_LANES = 0xffffffffu;

enum Estimator : u32 { NLARSM, NLARCM, NLARPM };
enum Noise : u32 { NO_NOISE, FROZEN, FRESH };
enum Scaling : u32 { GLOBAL_NORM, TENSOR_NORM, NORMALISED_1, NORMALISED_2, VALUE, SOFT, UNSCALED };
enum Decay : u32 { CONSTANT, INVERSE, INVERSE_SQRT };

// Flags of a tensor.
constexpr u32 ZERO_GRADIENT = 1;
constexpr u32 VALUE_ALIGNED = 2;     // to 16 bytes; state always is
constexpr u32 GRADIENT_ALIGNED = 4;  // to 16 bytes

struct Tensor {
  void* value;
  void* gradient;  // null: left alone, and its sum of squares is +0
  void* velocity;
  void* rate;
  void* weight;
  const void* noise;
  u64 length;
  u64 noiseKey;  // Philox key
  u64 partials;  // index in sums of the first block's sum
  u32 node;      // the sum node that takes block 0; block i arrives at node + i / 1024
  u32 group;
  u32 flags;
  u32 index;  // among all tensors of the step
  u64 unused;
};
static_assert(sizeof(Tensor) == 96, "io.nlar.cuda.TensorTable");

struct Chunk {
  u32 tensor;
  u32 number;  // its first element is number * CHUNK
};
static_assert(sizeof(Chunk) == 8, "io.nlar.cuda.ChunkTable");

// Numbers of a parameter group. Those that are rounded to T hold numbers of T; bound and decayRate are unrounded.
struct Group {
  double learningRate;
  double momentum;
  double noiseScale;
  double floor;  // Nlarsm: lower clip; others: magnitude below which a gradient becomes 0
  double initialWeight;
  double bound;
  double decayRate;  // weight decay times initial learning rate
  u32 scaling;
  u32 decay;
  u32 decays;  // whether weight decay is not 0
  u32 unused;
};
static_assert(sizeof(Group) == 72, "io.nlar.cuda.GroupTable");

constexpr u32 NO_NODE = 0xffffffffu;

// One value from up to 1024 consecutive ones, computed by whoever completes the last of them.
struct Node {
  u64 in;   // index in sums
  u64 out;  // index in sums
  u32 count;
  u32 parent;  // NO_NODE at the top
};
static_assert(sizeof(Node) == 24, "io.nlar.cuda.SumTree");

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
  double gradientScale;
  double rateFactor;
  u64 ticket;
  u32 chunkCount;
  u32 tensorCount;
  u32 flags;
  u32 splitting;  // an apply launch has 2^splitting thread blocks a chunk
};
static_assert(sizeof(StepArguments) == 112, "io.nlar.cuda.StepArguments");

}  // namespace nlar
