// known_answers: operations whose results IEEE 754 fixes, in the vectors, with the macros and the build options of a
// step (KnownAnswers.java has the answers). The operands come from memory, so that no compiler computes them.
//
//   singles, doubles               a, b and c, `count` numbers each, a multiple of VEC
//   single_answers, double_answers four times `count` numbers, in the order of KnownAnswers.java
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

__kernel void share(__global uint *x) {
  x[1] = x[0] + 1;
}
