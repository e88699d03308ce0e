// How elements are kept: what they are in memory, what numbers of T they stand for, and back (docs/numerics.md, "Low
// precision"). Integer operations throughout, without cl_khr_fp16, so that every device returns the same bits;
// float16's smallest numbers take a sum, which is exact or rounds as IEEE 754 says. Build option:
//   PAIRED    1 where the program's vectors are in pairs
//
// The types, by name: float32, float64, bfloat16, float16. An element of 16 bits is a ushort.
//
// Note [pairs]. An update of which some element type has 16 bits is paired. There a realv holds the elements with
// even numbers in its lower half and those with odd ones in its upper half. Two neighbouring elements of 16 bits are
// a word of 32, which then yields one for each half by a shift or a mask: lanes need not be widened, narrowed or
// exchanged. Rules see nothing of it; only elements of 32 bits are put into that order and back. What has 16 bits
// stays in the order of memory, in a ushortv.

#define ELEMENT_float32 float
#define ELEMENT_float64 double
#define ELEMENT_bfloat16 ushort
#define ELEMENT_float16 ushort
/** The type of the elements in memory, and a vector of them in the order of memory. */
#define ELEMENT(type) JOIN(ELEMENT_, type)
#define VECTOR(type) JOIN(ELEMENT(type), VEC)

#define NARROW_float32 0
#define NARROW_float64 0
#define NARROW_bfloat16 1
#define NARROW_float16 1
/** Whether elements have 16 bits. */
#define NARROW(type) JOIN(NARROW_, type)

typedef JOIN(ushort, VEC) ushortv;
typedef JOIN(uint, VEC) uintv;
#define BITS_OF(x) JOIN(as_uint, VEC)(x)
#define REAL_OF(x) JOIN(as_float, VEC)(x)

#if VEC == 4
#define HALF_VEC 2
#elif VEC == 8
#define HALF_VEC 4
#else
#define HALF_VEC 8
#endif

#if PAIRED

typedef JOIN(short, VEC) shortv;
/** Two elements of 16 bits a word: the even one in its lower half. */
typedef JOIN(uint, HALF_VEC) pairs;

#ifdef __ENDIAN_LITTLE__
#define IN_WORD(x) (x)
#else
#define IN_WORD(x) rotate(x, (pairs) (16))
#endif
#define TO_PAIRS(x) IN_WORD(JOIN(as_uint, HALF_VEC)(x))
#define FROM_PAIRS(x) JOIN(as_ushort, VEC)(IN_WORD(x))
#define SIGNED(x) JOIN(as_short, VEC)(x)

/** A realv of elements in the order of memory. */
static inline realv from_memory(realv x) {
  return (realv) (x.even, x.odd);
}

/** Its elements in the order of memory. */
static inline realv to_memory(realv x) {
  realv y;
  y.even = x.lo;
  y.odd = x.hi;
  return y;
}

#define EVEN_UP ((uintv) ((pairs) (16), (pairs) (0)))

/** Elements of 16 bits, each in the upper half of a word; what the lower half holds is of no matter. */
static inline uintv upper_halves(ushortv h) {
  pairs word = TO_PAIRS(h);
  return (uintv) (word, word) << EVEN_UP;
}

/** Elements of 16 bits, each in the lower half of a word. */
static inline uintv words(ushortv h) {
  return upper_halves(h) >> 16;
}

static inline realv widen_bfloat16(ushortv h) {
  return REAL_OF(upper_halves(h) & 0xFFFF0000u);
}

/** The upper 16 bits of each element. */
static inline ushortv upper(uintv b) {
  return FROM_PAIRS((b.lo >> 16) | (b.hi & 0xFFFF0000u));
}

/** The lower 16 bits of each element. */
static inline ushortv lower(uintv b) {
  return FROM_PAIRS((b.lo & 0xFFFFu) | (b.hi << 16));
}

/** bfloat16 by stochastic rounding: away from zero where the lost bits are more than r. What is finite stays so. */
static inline ushortv round_bfloat16(realv x, ushortv r) {
  uintv b = BITS_OF(x);
  ushortv h = upper(b);
  return (lower(b) > r) & ((h & (ushort) 0x7FFF) < (ushort) 0x7F7F) ? h + (ushort) 1 : h;
}

/** The number whose nearest bfloat16 (ties away from zero) is h and whose lower 16 bits are `remainder`. */
static inline realv join_remainder(ushortv h, ushortv remainder) {
  shortv low = SIGNED(remainder);  // below zero where h was rounded up
  low = (h & (ushort) 0x7FFF) == (ushort) 0 ? max(low, (shortv) (0)) : low;  // a zero that was written from outside
  return REAL_OF((upper_halves(h) & 0xFFFF0000u)
      + JOIN(as_uint, VEC)(JOIN(as_int, VEC)(upper_halves(JOIN(as_ushort, VEC)(low))) >> 16));
}

/** The other way round: leaves the lower bits in `remainder`. An infinity and a NaN are cut. */
static inline ushortv split_remainder(realv x, ushortv *remainder) {
  uintv b = BITS_OF(x);
  *remainder = lower(b);
  return upper((b & 0x7FFFFFFFu) < 0x7F800000u ? b + 0x8000u : b);
}

/** float16, rounded to nearest even. */
static inline ushortv narrow_float16(realv x) {
  uintv b = BITS_OF(x);
  uintv a = b & 0x7FFFFFFFu;
  uintv normal = (a + 0xFFFu + ((a >> 13) & 1u) - 0x38000000u) >> 13;
  uintv small = BITS_OF(REAL_OF(a) + 0.5f) - 0x3F000000u;  // the sum's last place is float16's
  uintv special = a > 0x7F800000u ? (uintv) (0x7E00u) : (uintv) (0x7C00u);
  return lower((a >= 0x47800000u ? special : a < 0x38800000u ? small : normal) | ((b >> 16) & 0x8000u));
}

// Random bits: 16 an element, two elements a hash. K comes once for a tensor, a step and 2^33 elements. All that is
// kept of an element shares its bits, each times an odd number of its own (SPREAD).

#define SPREAD_VALUE 0x1855

static inline ulong mix64(ulong z) {
  z ^= z >> 30;
  z *= 0xBF58476D1CE4E5B9ul;
  z ^= z >> 27;
  z *= 0x94D049BB133111EBul;
  return z ^ (z >> 31);
}

/** K for the elements around `element` of a tensor in step t. */
static inline ulong rounding_key(ulong key, ulong t, ulong element) {
  return mix64(mix64(key + 0x9E3779B97F4A7C15ul * t) + 0xD1B54A32D192ED03ul * ((element >> 33) + 1));
}

#if HALF_VEC == 2
#define PAIR_NUMBERS ((pairs) (0, 1))
#elif HALF_VEC == 4
#define PAIR_NUMBERS ((pairs) (0, 1, 2, 3))
#else
#define PAIR_NUMBERS ((pairs) (0, 1, 2, 3, 4, 5, 6, 7))
#endif

/** The bits r of `element`, an even number, and the VEC - 1 elements behind it. */
static inline ushortv random_bits(ulong k, ulong element) {
  pairs x = ((uint) (element >> 1) + PAIR_NUMBERS) * 0x9E3779B9u + (uint) k;
  x ^= x >> 16;
  x *= 0x7FEB352Du;
  x ^= (uint) (k >> 32);
  x ^= x >> 15;
  x *= 0x846CA68Bu;
  x ^= x >> 16;
  return FROM_PAIRS(x);
}

#else

#define from_memory(x) (x)
#define to_memory(x) (x)

#if REAL_BITS == 32
static inline uintv words(ushortv h) {
  return JOIN(convert_uint, VEC)(h);
}

static inline realv widen_bfloat16(ushortv h) {
  return REAL_OF(words(h) << 16);
}
#endif

#endif

#if REAL_BITS == 32
static inline realv widen_float16(ushortv h) {
  uintv x = words(h);
  uintv m = x & 0x7FFFu;
  uintv base = m < 0x7C00u ? (uintv) (0x38000000u) : (uintv) (0x70000000u);
  realv y = REAL_OF((m << 13) + (m < 0x400u ? (uintv) (0x38800000u) : base));
  y = m < 0x400u ? y - 0x1p-14f : y;  // m 2^-24, which is exact
  return REAL_OF(BITS_OF(y) | ((x & 0x8000u) << 16));
}
#endif

#define widen_float32(x) from_memory(x)
#define widen_float64(x) (x)
/** A realv of what memory holds. */
#define WIDEN(type, x) JOIN(widen_, type)(x)

#define keep_float32(x, bits) to_memory(x)
#define keep_float64(x, bits) (x)
#define keep_bfloat16(x, bits) round_bfloat16(x, bits)
/** What memory holds of a realv; where that is less, rounded by random bits. */
#define KEEP(type, x, bits) JOIN(keep_, type)(x, bits)
