package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.cpu.kernel.Scalars;
import io.nlar.spi.Philox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What one thread needs while it works on a step, allocated once. */
final class Scratch {
  /** Elements for which fresh noise is drawn at once: they stay in the first cache. */
  static final int NOISE_ELEMENTS = 1024;

  private static final long SUMS = 0;
  private static final long NOISE = SUMS + SumStage.BYTES;
  static final long BYTES = NOISE + NOISE_ELEMENTS * Double.BYTES;

  private final MemorySegment noise;
  private final double[] draws = new double[NOISE_ELEMENTS];
  private final float[] narrowDraws = new float[NOISE_ELEMENTS];

  final double[] scalars = new double[Scalars.length()];
  final SumStage sums;

  /** Working memory in {@value #BYTES} bytes. */
  Scratch(NativeMemory memory) {
    noise = memory.segment().asSlice(NOISE);
    sums = new SumStage(memory.segment().asSlice(SUMS, SumStage.BYTES));
  }

  /** Draws fresh noise for at most {@value #NOISE_ELEMENTS} elements and returns its address. */
  long drawNoise(long key, long t, long from, int count, DType type) {
    Philox.draw(key, t, from, type, draws, count);
    if (type == DType.FLOAT64) {
      MemorySegment.copy(draws, 0, noise, ValueLayout.JAVA_DOUBLE, 0, count);
    } else {
      for (int i = 0; i < count; i++) {
        narrowDraws[i] = (float) draws[i];
      }
      MemorySegment.copy(narrowDraws, 0, noise, ValueLayout.JAVA_FLOAT, 0, count);
    }
    return noise.address();
  }
}
