package io.nlar.bench.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The passes on vectors, in three shapes; which is faster depends on the processor's prefetch.
 *
 * <p>No method here takes or returns a vector: where the compiler does not inline it, each would be an object. Sums are
 * the arguments of additions, not their receivers: the class of what is carried through a loop is one that it may have
 * to guess.
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
        a = LongVector.fromMemorySegment(SPECIES, MEMORY, at, ORDER).add(a);
        b = LongVector.fromMemorySegment(SPECIES, MEMORY, at + VECTOR_BYTES, ORDER).add(b);
        c = LongVector.fromMemorySegment(SPECIES, MEMORY, at + 2 * VECTOR_BYTES, ORDER).add(c);
        d = LongVector.fromMemorySegment(SPECIES, MEMORY, at + 3 * VECTOR_BYTES, ORDER).add(d);
      }
      for (int i = whole; i < bytes; i += VECTOR_BYTES) {
        a = LongVector.fromMemorySegment(SPECIES, MEMORY, g + i, ORDER).add(a);
      }
      return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }

    @Override
    public long apply(long g, long theta, long v, long rate, long weight, long bytes) {
      LongVector sum = LongVector.zero(SPECIES);
      int end = (int) bytes;
      for (int at = 0; at < end; at += VECTOR_BYTES) {
        sum = LongVector.fromMemorySegment(SPECIES, MEMORY, g + at, ORDER).add(sum);
        move(theta, v, rate, weight, at);
      }
      return sum.reduceLanes(VectorOperators.ADD);
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
            a = LongVector.fromMemorySegment(SPECIES, MEMORY, g + i + j, ORDER).add(a);
            if (VECTOR_BYTES < UNIT_BYTES) {
              b = LongVector.fromMemorySegment(SPECIES, MEMORY, g + i + j + VECTOR_BYTES, ORDER).add(b);
            }
          }
        }
      }
      return onlyTouched ? touched : a.add(b).reduceLanes(VectorOperators.ADD);
    }

    @Override
    public long apply(long g, long theta, long v, long rate, long weight, long bytes) {
      LongVector a = LongVector.zero(SPECIES);
      LongVector b = a;
      int whole = (int) bytes / (2 * VECTOR_BYTES) * (2 * VECTOR_BYTES);
      for (int at = 0; at < whole; at += 2 * VECTOR_BYTES) {
        a = LongVector.fromMemorySegment(SPECIES, MEMORY, g + at, ORDER).add(a);
        b = LongVector.fromMemorySegment(SPECIES, MEMORY, g + at + VECTOR_BYTES, ORDER).add(b);
        move(theta, v, rate, weight, at);
        move(theta, v, rate, weight, at + VECTOR_BYTES);
      }
      for (int at = whole; at < bytes; at += VECTOR_BYTES) {
        a = LongVector.fromMemorySegment(SPECIES, MEMORY, g + at, ORDER).add(a);
        move(theta, v, rate, weight, at);
      }
      return a.add(b).reduceLanes(VectorOperators.ADD);
    }
  },

  /**
   * Reads four blocks side by side where it only reads, since a processor fetches several streams faster than one. A loop of its
   * own: with one for both distances {@link #PLAIN} had 92 and 93 % of this, no longer 95 and 98.
   */
  STREAMS {
    @Override
    public long reduce(long g, long bytes) {
      LongVector a = LongVector.zero(SPECIES);
      LongVector b = a;
      LongVector c = a;
      LongVector d = a;
      int whole = (int) bytes / (4 * BLOCK_BYTES) * (4 * BLOCK_BYTES);
      for (int group = 0; group < whole; group += 4 * BLOCK_BYTES) {
        for (int i = group; i < group + BLOCK_BYTES; i += VECTOR_BYTES) {
          long at = g + i;
          a = LongVector.fromMemorySegment(SPECIES, MEMORY, at, ORDER).add(a);
          b = LongVector.fromMemorySegment(SPECIES, MEMORY, at + BLOCK_BYTES, ORDER).add(b);
          c = LongVector.fromMemorySegment(SPECIES, MEMORY, at + 2 * BLOCK_BYTES, ORDER).add(c);
          d = LongVector.fromMemorySegment(SPECIES, MEMORY, at + 3 * BLOCK_BYTES, ORDER).add(d);
        }
      }
      for (int i = whole; i < bytes; i += VECTOR_BYTES) {
        a = LongVector.fromMemorySegment(SPECIES, MEMORY, g + i, ORDER).add(a);
      }
      return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }

    @Override
    public long apply(long g, long theta, long v, long rate, long weight, long bytes) {
      return PLAIN.apply(g, theta, v, rate, weight, bytes);
    }
  };

  private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final int VECTOR_BYTES = SPECIES.vectorByteSize();
  private static final int UNROLLED_BYTES = 4 * VECTOR_BYTES;
  /** As far as Nlar's reduction reads ahead in one stream, and as long as its blocks. */
  private static final int AHEAD_BYTES = 2048;
  private static final int BLOCK_BYTES = 4096;
  /** Never set, which the compiler cannot know: it may not drop the reads ahead. */
  private static boolean onlyTouched;

  private static void move(long theta, long v, long rate, long weight, int at) {
    LongVector oldTheta = LongVector.fromMemorySegment(SPECIES, MEMORY, theta + at, ORDER);
    LongVector oldV = LongVector.fromMemorySegment(SPECIES, MEMORY, v + at, ORDER);
    LongVector oldRate = LongVector.fromMemorySegment(SPECIES, MEMORY, rate + at, ORDER);
    LongVector oldWeight = LongVector.fromMemorySegment(SPECIES, MEMORY, weight + at, ORDER);
    oldV.intoMemorySegment(MEMORY, theta + at, ORDER);
    oldRate.intoMemorySegment(MEMORY, v + at, ORDER);
    oldWeight.intoMemorySegment(MEMORY, rate + at, ORDER);
    oldTheta.intoMemorySegment(MEMORY, weight + at, ORDER);
  }
}
