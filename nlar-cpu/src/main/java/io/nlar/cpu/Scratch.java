package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.Noise.Distribution;
import io.nlar.cpu.kernel.ApplyKernel;
import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.NoiseKernel;
import io.nlar.cpu.kernel.ProductKernel;
import io.nlar.cpu.kernel.SumKernel;
import io.nlar.spi.Philox;
import io.nlar.spi.RulePlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What one thread needs while it works on a step, allocated once. */
final class Scratch {
  /**
   * Elements for which fresh noise is drawn at once: it, and what is updated with it, stay in the first cache, and drawing and
   * updating are begun less often than with fewer.
   */
  static final int NOISE_ELEMENTS = 512;

  /** Float16 elements that are converted at once: a block of the sums. */
  static final int HALVES = SumKernel.BLOCK;
  private static final short[] ZEROS = new short[HALVES];

  private static final long SUMS = 0;
  private static final long NOISE = SUMS + SumKernel.SCRATCH_BYTES;
  private static final int MOST_DRAWS = NOISE_ELEMENTS + NoiseKernel.BLOCK + NoiseKernel.SURPLUS;
  private static final long WORDS = NOISE + MOST_DRAWS * Double.BYTES;
  private static final long WIDENED = (WORDS + MOST_DRAWS * Integer.BYTES + 63) & -64;
  private static final long PRODUCTS = WIDENED + HALVES * Float.BYTES;
  private static final long OBSERVED = PRODUCTS + ProductKernel.SCRATCH_BYTES;
  private static final long OBSERVED_BYTES = SumKernel.BLOCK * Double.BYTES;
  static final long BYTES = OBSERVED + 2 * OBSERVED_BYTES;

  private final MemorySegment noise;
  private final long words;
  private final double[] draws = new double[NOISE_ELEMENTS];
  private final float[] narrowDraws = new float[NOISE_ELEMENTS];
  private final short[] halves = new short[HALVES];
  private final float[] floats = new float[HALVES];
  private final MemorySegment widened;

  final double[] scalars = new double[ApplyKernel.SCALARS];
  /** What is kept of a parameter. */
  final double[] kept = new double[RulePlan.MOST_KEPT];
  /** Addresses of state, and behind them of what is observed of a block. */
  final long[] slots = new long[RulePlan.MOST_NUMBERS];
  /** Addresses of the directions and old velocities of a block, and of the memory that product kernels need. */
  final long directions;
  final long velocities;
  final long products;
  /** Address of the memory that sum kernels need. */
  final long sums;

  /** Working memory in {@value #BYTES} bytes. */
  Scratch(NativeMemory memory) {
    noise = memory.segment().asSlice(NOISE);
    words = memory.address() + WORDS;
    widened = memory.segment().asSlice(WIDENED, HALVES * Float.BYTES);
    sums = memory.address() + SUMS;
    products = memory.address() + PRODUCTS;
    directions = memory.address() + OBSERVED;
    velocities = directions + OBSERVED_BYTES;
  }

  /**
   * The addresses of a group's slots, and behind them of memory for what is observed of the elements from {@code place} on:
   * as if it were state that begins there.
   */
  long[] observing(Group group, long place) {
    int own = group.ruleSlots;
    System.arraycopy(group.slots, 0, slots, 0, own);
    // The remainder's or master's is the last in any case.
    slots[slots.length - 1] = group.slots[group.slots.length - 1];
    slots[own] = directions - place * group.plan.type().bytes();
    slots[own + 1] = velocities - place * group.plan.type().bytes();
    return slots;
  }

  /**
   * Draws fresh noise for at most {@value #NOISE_ELEMENTS} elements and returns its address.
   *
   * @param kernel draws on vectors; null where there are none that are wide enough
   * @param distribution what the draws are distributed as, as in {@code kernel}
   */
  long drawNoise(NoiseKernel kernel, Distribution distribution, long key, long t, long from, int count, DType type) {
    long block = from / NoiseKernel.BLOCK;
    if (kernel == null || !kernel.ready(count) || block >>> 32 != (from + count - 1) / NoiseKernel.BLOCK >>> 32) {
      return drawOneByOne(distribution, key, t, from, count, type);
    }
    int before = (int) (from % NoiseKernel.BLOCK);
    long address = noise.address();
    long drawn = switch (type) { // words, which numbers as narrow as they are replace in place
      case FLOAT32 -> address;
      case FLOAT64 -> words;
      case BFLOAT16, FLOAT16, UINT16 -> throw new IllegalArgumentException(type + " is no type that a step computes in");
    };
    kernel.draw(key, t, block, before + count, address, drawn);
    return address + (long) before * type.bytes();
  }

  /**
   * Makes float32 of float16 gradients and returns their address. A loop over arrays, for which the compiler has the
   * processor's own instruction; the Vector API has none.
   *
   * @param zero whether the gradients are zeroed after it
   */
  long widen(MemorySegment gradients, long at, int count, boolean zero) {
    MemorySegment.copy(gradients, ValueLayout.JAVA_SHORT_UNALIGNED, at, halves, 0, count);
    for (int i = 0; i < count; i++) {
      floats[i] = Float.float16ToFloat(halves[i]);
    }
    if (zero) {
      MemorySegment.copy(ZEROS, 0, gradients, ValueLayout.JAVA_SHORT_UNALIGNED, at, count);
    }
    MemorySegment.copy(floats, 0, widened, ValueLayout.JAVA_FLOAT, 0, count);
    return widened.address();
  }

  /** Leaves float32 masters as float16 values, likewise. */
  void narrow(long masters, int count, MemorySegment values, long at) {
    MemorySegment.copy(Memory.EVERYWHERE, ValueLayout.JAVA_FLOAT_UNALIGNED, masters, floats, 0, count);
    for (int i = 0; i < count; i++) {
      halves[i] = Float.floatToFloat16(floats[i]);
    }
    MemorySegment.copy(halves, 0, values, ValueLayout.JAVA_SHORT_UNALIGNED, at, count);
  }

  private long drawOneByOne(
      Distribution distribution, long key, long t, long from, int count, DType type) {
    Philox.draw(distribution, key, t, from, type, draws, count);
    switch (type) {
      case FLOAT64 -> MemorySegment.copy(draws, 0, noise, ValueLayout.JAVA_DOUBLE, 0, count);
      case FLOAT32 -> {
        for (int i = 0; i < count; i++) {
          narrowDraws[i] = (float) draws[i];
        }
        MemorySegment.copy(narrowDraws, 0, noise, ValueLayout.JAVA_FLOAT, 0, count);
      }
      case BFLOAT16, FLOAT16, UINT16 -> throw new IllegalArgumentException(type + " is no type that a step computes in");
    }
    return noise.address();
  }
}
