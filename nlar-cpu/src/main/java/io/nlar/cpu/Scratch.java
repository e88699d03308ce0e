package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.cpu.kernel.ApplyScalars;
import io.nlar.cpu.kernel.ApplySpan;
import io.nlar.spi.Philox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What one thread needs while it works on a step, allocated once. */
final class Scratch implements AutoCloseable {
  /** Elements for which fresh noise is drawn at once: they stay in the first cache. */
  static final int NOISE_ELEMENTS = 1024;

  private static final long SUMS = 0;
  private static final long TAIL = SUMS + SumStage.BYTES;
  private static final long NOISE = TAIL + TailStage.BYTES;
  private static final long SIZE = NOISE + NOISE_ELEMENTS * Double.BYTES;

  private final NativeMemory memory = NativeMemory.allocate(SIZE, "working memory");
  private final MemorySegment noise = memory.segment().asSlice(NOISE);
  private final NoiseSink sink = new NoiseSink();

  final ApplySpan span = new ApplySpan();
  final ApplyScalars scalars = new ApplyScalars();
  final SumStage sums = new SumStage(memory.segment().asSlice(SUMS, SumStage.BYTES));
  final TailStage tail = new TailStage(memory.segment().asSlice(TAIL, TailStage.BYTES));

  /** Draws fresh noise for at most {@value #NOISE_ELEMENTS} elements and returns where it lies. */
  MemorySegment drawNoise(long key, long t, long from, int count, DType type) {
    sink.first = from;
    sink.type = type;
    Philox.draw(key, t, from, from + count, type, sink);
    return noise;
  }

  @Override
  public void close() {
    memory.close();
  }

  private final class NoiseSink implements Philox.Sink {
    private long first;
    private DType type;

    @Override
    public void accept(long element, double epsilon) {
      long index = element - first;
      if (type == DType.FLOAT32) {
        noise.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) epsilon);
      } else {
        noise.setAtIndex(ValueLayout.JAVA_DOUBLE, index, epsilon);
      }
    }
  }
}
