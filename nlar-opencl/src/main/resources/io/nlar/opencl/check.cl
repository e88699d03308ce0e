// known_answers: operations whose results IEEE 754 fixes, in the vectors, with the macros and the build options of a
// step (KnownAnswers.java has the answers). The operands come from memory, so that no compiler computes them.
//
//   singles, doubles               a, b and c, `count` numbers each, a multiple of VEC
//   single_answers, double_answers four times `count` numbers, in the order of KnownAnswers.java
//
// known_storage: what elements of 16 bits become and are made of, likewise.
//
//   numbers, patterns    `count` numbers and patterns of 16 bits, which serve as elements and as random bits
//   halves, wide         what becomes of them: `count` results each, in the order of KnownStorage.java
//
// share: whether host and kernels see each other's stores to the memory at x.
//
// Launch: one work-item does it all.

typedef JOIN(double, VEC) doublev;

__kernel void known_answers(__global const float *singles, __global const double *doubles, uint count,
    __global float *single_answers, __global double *double_answers) {
  for (uint i = 0; i < count; i += VEC) {
    realv a = LOAD(0, singles + i);
    realv b = LOAD(0, singles + count + i);
    realv c = LOAD(0, singles + 2 * count + i);
    STORE(a * b + c, 0, single_answers + i);
    STORE(DIVIDE(a, b), 0, single_answers + count + i);
    STORE(TO_REALV(TO_DOUBLEV(a) / TO_DOUBLEV(b)), 0, single_answers + 2 * count + i);
    STORE(ROOT(fabs(a)), 0, single_answers + 3 * count + i);
    doublev x = LOAD(0, doubles + i);
    doublev y = LOAD(0, doubles + count + i);
    doublev z = LOAD(0, doubles + 2 * count + i);
    STORE(x * y + z, 0, double_answers + i);
    STORE(x / y, 0, double_answers + count + i);
    STORE(sqrt(fabs(x)), 0, double_answers + 3 * count + i);
    for (uint j = i; j < i + VEC; j++) {
      double_answers[2 * count + j] = sqrt(fabs(doubles[j]));
    }
  }
}

__kernel void known_storage(__global const float *numbers, __global const ushort *patterns, uint count,
    __global ushort *halves, __global float *wide) {
  for (uint i = 0; i < count; i += VEC) {
    realv x = from_memory(load_full_float(numbers + i, true));
    ushortv r = load_full_ushort(patterns + i, true);
    ushortv remainder;
    ushortv nearest = split_remainder(x, &remainder);
    store_full_ushort(round_bfloat16(x, r), halves + i, true);
    store_full_ushort(nearest, halves + count + i, true);
    store_full_ushort(remainder, halves + 2 * count + i, true);
    store_full_ushort(narrow_float16(x), halves + 3 * count + i, true);
    store_full_float(to_memory(widen_bfloat16(r)), wide + i, true);
    store_full_float(to_memory(widen_float16(r)), wide + count + i, true);
    store_full_float(to_memory(join_remainder(nearest, remainder)), wide + 2 * count + i, true);
    store_full_ushort(random_bits(rounding_key(0, 1, 1ul << 33), (1ul << 33) + i), halves + 4 * count + i, true);
  }
}

__kernel void share(__global uint *x) {
  x[1] = x[0] + 1;
}
