package io.nlar.testkit;

import io.nlar.Noise;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * The noise ε of docs/numerics.md, one element at a time: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3", SC 2011). Words are unsigned 32-bit numbers in a {@code long}.
 */
final class ReferenceNoise {
  private static final long WORD = 0xFFFFFFFFL;
  private static final BigInteger FNV_PRIME = BigInteger.valueOf(0x100000001B3L);

  private final Noise.Distribution distribution;
  private final long key;

  /** The noise of the tensor {@code name}. */
  ReferenceNoise(Noise noise, String name) {
    this.distribution = noise.distribution();
    this.key = noise.seed() ^ fnv1a64(name);
  }

  /** ε in T of an element in step t; t = 0 for frozen noise. */
  double epsilon(long element, long t, Arithmetic arithmetic) {
    long quad = element / 4;
    long[] words = philox(new long[] {quad & WORD, quad >>> 32, t & WORD, t >>> 32}, key & WORD, key >>> 32);
    long word = words[(int) (element % 4)];
    return arithmetic.round(ReferenceQuantiles.draw(distribution, (word + 0.5) * 0x1p-32 * 2 - 1));
  }

  /** Ten rounds on a counter of four words under a key of two. */
  static long[] philox(long[] counter, long key0, long key1) {
    long[] c = counter.clone();
    long k0 = key0;
    long k1 = key1;
    for (int round = 0; round < 10; round++) {
      long product0 = 0xD2511F53L * c[0];
      long product1 = 0xCD9E8D57L * c[2];
      c = new long[] {
          (product1 >>> 32) ^ c[1] ^ k0, product1 & WORD,
          (product0 >>> 32) ^ c[3] ^ k1, product0 & WORD};
      k0 = (k0 + 0x9E3779B9L) & WORD;
      k1 = (k1 + 0xBB67AE85L) & WORD;
    }
    return c;
  }

  /** The 64-bit FNV-1a hash of the name's UTF-8 bytes. */
  static long fnv1a64(String name) {
    BigInteger hash = new BigInteger("CBF29CE484222325", 16);
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = hash.xor(BigInteger.valueOf(b & 0xFF)).multiply(FNV_PRIME).mod(BigInteger.TWO.pow(64));
    }
    return hash.longValue();
  }
}
