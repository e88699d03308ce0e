// Fresh noise: Philox4x32-10 (Salmon et al., SC 2011), each word mapped to a number by quantiles.cl.
//
//   key = seed xor the tensor's name hash; counter = (element / 4, t); word = element mod 4
//   epsilon = T(quantile((word + 0.5) * 2^-32 * 2 - 1)) in binary64
//
// A work-item draws for VEC consecutive elements: VEC / 4 counters side by side.

#if VEC == 4
typedef uint quad;
#define QUADS(first) ((uint) (first))
#define IN_ORDER(a, b, c, d) ((uint4) (a, b, c, d))
#elif VEC == 8
typedef uint2 quad;
#define QUADS(first) ((uint2) ((uint) (first)) + (uint2) (0, 1))
#define IN_ORDER(a, b, c, d) ((uint8) (a.x, b.x, c.x, d.x, a.y, b.y, c.y, d.y))
#else
typedef uint4 quad;
#define QUADS(first) ((uint4) ((uint) (first)) + (uint4) (0, 1, 2, 3))
#define IN_ORDER(a, b, c, d) ((uint16) (a.x, b.x, c.x, d.x, a.y, b.y, c.y, d.y, a.z, b.z, c.z, d.z, a.w, b.w, c.w, d.w))
#endif

/** The draws for `element`, a multiple of VEC, and the VEC - 1 elements behind it. */
static inline realv draw(uint distribution, ulong key, ulong t, ulong element) {
  ulong first = element / 4;
  quad c0 = QUADS(first);
  quad c1 = (quad) ((uint) (first >> 32));
  quad c2 = (quad) ((uint) t);
  quad c3 = (quad) ((uint) (t >> 32));
  uint k0 = (uint) key;
  uint k1 = (uint) (key >> 32);
  for (int round = 0; round < 10; round++) {
    quad low0 = c0 * 0xD2511F53u;
    quad high0 = mul_hi(c0, (quad) (0xD2511F53u));
    quad low1 = c2 * 0xCD9E8D57u;
    quad high1 = mul_hi(c2, (quad) (0xCD9E8D57u));
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  doublev word = TO_DOUBLEV(IN_ORDER(c0, c1, c2, c3));
  return TO_REALV(quantile(distribution, (word + 0.5) * 0x1p-32 * 2.0 - 1.0));
}
