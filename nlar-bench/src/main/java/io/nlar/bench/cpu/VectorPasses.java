package io.nlar.bench.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The passes on vectors, in two shapes; which is faster depends on the processor's prefetch. Sums are the arguments of
 * additions, not their receivers: the class of what is carried through a loop is one that the compiler may have to guess.
 */
enum VectorPasses implements PassKernel {
  /** Vector by vector, and what the processor fetches ahead by itself. */
  PLAIN {
    @Override
    public long reduce(long g, long bytes) {
      LongVector a = LongVector.zero(SPECIES);
      LongVector b = a;
      LongVector c = a;
      LongVector d = a;
      int whole = (int) bytes / UNROLLED_BYTES * UNROLLED_BYTES;
      for (int i = 0; i < whole; i += UNROLLED_BYTES) {
        long at = g + i;
        a = load(at).add(a);
        b = load(at + VECTOR_BYTES).add(b);
        c = load(at + 2 * VECTOR_BYTES).add(c);
        d = load(at + 3 * VECTOR_BYTES).add(d);
      }
      for (int i = whole; i < bytes; i += VECTOR_BYTES) {
        a = load(g + i).add(a);
      }
      return sum(a.add(b).add(c.add(d)));
    }

    @Override
    public long apply(long g, long theta, long v, long rate, long weight, long bytes) {
      LongVector sum = LongVector.zero(SPECIES);
      int end = (int) bytes;
      for (int at = 0; at < end; at += VECTOR_BYTES) {
        sum = load(g + at).add(sum);
        move(theta, v, rate, weight, at);
      }
      return sum(sum);
    }
  },

  /** Reads a cache line some way ahead of each one that is added up; moves two vectors at a time. */
  AHEAD {
    @Override
    public long reduce(long g, long bytes) {
      LongVector a = LongVector.zero(SPECIES);
      LongVector b = a;
      int touched = 0;
      int end = (int) bytes;
      for (int block = 0; block < end; block += BLOCK_BYTES) {
        int stop = Math.min(end, block + BLOCK_BYTES);
        int ahead = stop + AHEAD_BYTES <= end ? AHEAD_BYTES : 0;
        for (int i = block; i < stop; i += UNIT_BYTES) {
          touched ^= MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, g + i + ahead);
          for (int j = 0; j < UNIT_BYTES; j += 2 * VECTOR_BYTES) {
            a = load(g + i + j).add(a);
            if (VECTOR_BYTES < UNIT_BYTES) {
              b = load(g + i + j + VECTOR_BYTES).add(b);
            }
          }
        }
      }
      return onlyTouched ? touched : sum(a.add(b));
    }

    @Override
    public long apply(long g, long theta, long v, long rate, long weight, long bytes) {
      LongVector a = LongVector.zero(SPECIES);
      LongVector b = a;
      int whole = (int) bytes / (2 * VECTOR_BYTES) * (2 * VECTOR_BYTES);
      for (int at = 0; at < whole; at += 2 * VECTOR_BYTES) {
        a = load(g + at).add(a);
        b = load(g + at + VECTOR_BYTES).add(b);
        move(theta, v, rate, weight, at);
        move(theta, v, rate, weight, at + VECTOR_BYTES);
      }
      for (int at = whole; at < bytes; at += VECTOR_BYTES) {
        a = load(g + at).add(a);
        move(theta, v, rate, weight, at);
      }
      return sum(a.add(b));
    }
  };

  private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final int VECTOR_BYTES = SPECIES.vectorByteSize();
  private static final int UNROLLED_BYTES = 4 * VECTOR_BYTES;
  /** As far as Nlar's reduction reads ahead, and as long as its blocks. */
  private static final int AHEAD_BYTES = 2048;
  private static final int BLOCK_BYTES = 4096;
  /** Never set, which the compiler cannot know: it may not drop the reads ahead. */
  private static boolean onlyTouched;

  private static LongVector load(long address) {
    return LongVector.fromMemorySegment(SPECIES, MEMORY, address, ORDER);
  }

  private static void store(LongVector vector, long address) {
    vector.intoMemorySegment(MEMORY, address, ORDER);
  }

  private static void move(long theta, long v, long rate, long weight, int at) {
    LongVector oldTheta = load(theta + at);
    LongVector oldV = load(v + at);
    LongVector oldRate = load(rate + at);
    LongVector oldWeight = load(weight + at);
    store(oldV, theta + at);
    store(oldRate, v + at);
    store(oldWeight, rate + at);
    store(oldTheta, weight + at);
  }

  private static long sum(LongVector vector) {
    return vector.reduceLanes(VectorOperators.ADD);
  }
}
