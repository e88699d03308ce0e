// What elements are computed in (T), and vectors of it, specialised by build options:
//   REAL, REAL_BITS    T: float and 32, or double and 64
//   VEC                elements that a work-item updates at once: 4, 8 or 16
//   ROUNDED_DIVISION   1 where the device rounds binary32 quotients and roots correctly (binary64 ones always are)
//   GROUP_SIZE         work-items of a work-group: 1 on a CPU
// No operation may be contracted: every backend returns the same bits (docs/numerics.md).

#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

typedef REAL real;
typedef JOIN(REAL, VEC) realv;

#if REAL_BITS == 32
#define LARGEST FLT_MAX
#else
#define LARGEST DBL_MAX
#endif

#define TO_REALV JOIN(JOIN(convert_, REAL), VEC)
#define TO_DOUBLEV JOIN(convert_double, VEC)
#define LOAD JOIN(vload, VEC)
#define STORE JOIN(vstore, VEC)

// A binary32 quotient or root through binary64 has the bits of the correctly rounded one. For normal results because
// 53 >= 2 * 24 + 2 (Figueroa 1995); roots have no others. For subnormal quotients: let m = M * 2^-150 with odd M <
// 2^24 lie half-way between two of them. a / b differs from m by |a - m * b| / b; where that is not 0 it is more than
// 2^-48 of m, as a and b are integers below 2^24 times powers of two. Rounding to binary64 moves a / b by at most
// 2^-53 of itself, so never onto m nor past it.
#if REAL_BITS == 64 || ROUNDED_DIVISION
#define DIVIDE(a, b) ((a) / (b))
#define ROOT(a) sqrt(a)
#else
#define DIVIDE(a, b) TO_REALV(TO_DOUBLEV(a) / TO_DOUBLEV(b))
#define ROOT(a) TO_REALV(sqrt(TO_DOUBLEV(a)))
#endif

// Whether a comparison holds for some element of a vector, so that the others' division can be left out. On binary32
// that pays on CPUs if it is asked half by half: PoCL's any() takes longer than the quotient.
#if REAL_BITS == 64
#define SOME(comparison) any(comparison)
#elif GROUP_SIZE == 1
typedef JOIN(int, VEC) intv;
static inline bool some(intv holds) {
#if VEC == 16
  int8 eight = holds.lo | holds.hi;
  int4 four = eight.lo | eight.hi;
#elif VEC == 8
  int4 four = holds.lo | holds.hi;
#else
  int4 four = holds;
#endif
  int2 two = four.lo | four.hi;
  return (two.x | two.y) != 0;
}
#define SOME(comparison) some(comparison)
#else
#define SOME(comparison) true
#endif
