// Loads and stores of VEC elements, and of the first n < VEC of them, which leaves the others 0. They are in the order
// of memory.

// Elsewhere than on a CPU full vectors go in one access where the pointers are aligned to them; VEC scalar accesses
// would not be coalesced. On a CPU any address will do; vectors are stored as a whole there, since PoCL's vstore16 of
// ushorts stores them one by one.
#if GROUP_SIZE == 1
#define STORE_VECTOR(type, x, p, aligned) ((__global type##_packed *) (p))->vector = (x)
#define LOAD_VECTOR(type, p, aligned) LOAD(0, p)
#else
#define STORE_VECTOR(type, x, p, aligned) \
    if (aligned) { \
      *(__global JOIN(type, VEC) *) (p) = (x); \
    } else { \
      STORE(x, 0, p); \
    }
#define LOAD_VECTOR(type, p, aligned) ((aligned) ? *(__global const JOIN(type, VEC) *) (p) : LOAD(0, p))
#endif

// A CPU's work-item walks along as many streams as there are tensors, with dozens of operations an element: the
// processor sees too few loads ahead of it to keep the memory busy by itself (PoCL, 2 cores of a Xeon: a step takes
// an eighth to a quarter less so). What lies behind the end is asked for in vain, never read.
#define PREFETCH(p, bytes)
#if GROUP_SIZE == 1 && defined(__has_builtin)
#if __has_builtin(__builtin_prefetch)
#undef PREFETCH
#define PREFETCH(p, bytes) __builtin_prefetch((const void *) ((size_t) (p) + (bytes)))
#endif
#endif

#define MEMORY(type) \
typedef struct __attribute__((packed)) { \
  JOIN(type, VEC) vector; \
} type##_packed; \
static inline JOIN(type, VEC) load_full_##type(__global const type *p, bool aligned) { \
  PREFETCH(p, 1024); \
  return LOAD_VECTOR(type, p, aligned); \
} \
static inline void store_full_##type(JOIN(type, VEC) x, __global type *p, bool aligned) { \
  STORE_VECTOR(type, x, p, aligned); \
} \
static inline JOIN(type, VEC) load_some_##type(__global const type *p, uint n) { \
  type x[VEC]; \
  for (uint j = 0; j < VEC; j++) { \
    x[j] = j < n ? p[j] : 0; \
  } \
  return LOAD(0, x); \
} \
static inline void store_some_##type(JOIN(type, VEC) v, __global type *p, uint n) { \
  type x[VEC]; \
  STORE(v, 0, x); \
  for (uint j = 0; j < n; j++) { \
    p[j] = x[j]; \
  } \
}

MEMORY(ushort)
MEMORY(float)
MEMORY(double)
