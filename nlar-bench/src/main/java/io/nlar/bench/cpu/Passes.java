package io.nlar.bench.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The two passes of a step with momentum, without arithmetic: the same arrays are read and written in the same order,
 * vector by vector, on native addresses. What is loaded must go somewhere, or the compiler would drop the load: g goes
 * into an OR (the one operation), and θ, v, D, A are stored one array further on.
 */
final class Passes {
  private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Bytes of a vector; lengths are multiples, and what is beyond the last whole vector is left out. */
  static final int VECTOR_BYTES = SPECIES.vectorByteSize();

  private static final int UNROLLED = 4;

  private Passes() {}

  /** Reads {@code bytes} from {@code gradient}; returns their OR. */
  static long reduce(long gradient, int bytes) {
    LongVector a = LongVector.zero(SPECIES);
    LongVector b = a;
    LongVector c = a;
    LongVector d = a;
    int whole = bytes - bytes % (UNROLLED * VECTOR_BYTES);
    for (int i = 0; i < whole; i += UNROLLED * VECTOR_BYTES) {
      long at = gradient + i;
      a = a.or(load(at));
      b = b.or(load(at + VECTOR_BYTES));
      c = c.or(load(at + 2 * VECTOR_BYTES));
      d = d.or(load(at + 3 * VECTOR_BYTES));
    }
    for (int i = whole; i < bytes - bytes % VECTOR_BYTES; i += VECTOR_BYTES) {
      a = a.or(load(gradient + i));
    }
    return a.or(b).or(c.or(d)).reduceLanes(VectorOperators.OR);
  }

  /** Reads g, θ, v, D, A and writes v to θ, D to v, A to D, θ to A; returns the OR of g. */
  static long apply(long g, long theta, long v, long rate, long weight, int bytes) {
    LongVector seen = LongVector.zero(SPECIES);
    int end = bytes - bytes % VECTOR_BYTES;
    for (int at = 0; at < end; at += VECTOR_BYTES) {
      seen = seen.or(load(g + at));
      LongVector oldTheta = load(theta + at);
      LongVector oldV = load(v + at);
      LongVector oldRate = load(rate + at);
      LongVector oldWeight = load(weight + at);
      store(oldV, theta + at);
      store(oldRate, v + at);
      store(oldWeight, rate + at);
      store(oldTheta, weight + at);
    }
    return seen.reduceLanes(VectorOperators.OR);
  }

  /** Copies {@code bytes} as Java does it. */
  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(MEMORY, from, MEMORY, to, bytes);
  }

  private static LongVector load(long address) {
    return LongVector.fromMemorySegment(SPECIES, MEMORY, address, ORDER);
  }

  private static void store(LongVector vector, long address) {
    vector.intoMemorySegment(MEMORY, address, ORDER);
  }
}
