package io.nlar.cpu;

import io.nlar.cpu.kernel.ApplyKernel;
import io.nlar.cpu.kernel.ApplyScalars;
import io.nlar.cpu.kernel.ApplySpan;
import io.nlar.cpu.kernel.Memory;
import java.lang.foreign.MemorySegment;

/**
 * Updates the last elements of a tensor, too few for a vector: copies them to where a whole vector may be read and
 * written, runs the same kernel there and copies the results back.
 *
 * <p>Masked vector accesses are no alternative: without mask registers the JVM makes them from whole ones, which read
 * past the tensor's end and write its neighbours.
 */
final class TailStage {
  /** The widest vector. */
  private static final int VECTOR_BYTES = 64;
  private static final int STREAMS = 6;
  static final int BYTES = STREAMS * VECTOR_BYTES;

  static final int VALUE = 0;
  static final int GRADIENT = VECTOR_BYTES;
  static final int VELOCITY = 2 * VECTOR_BYTES;
  static final int RATE = 3 * VECTOR_BYTES;
  static final int WEIGHT = 4 * VECTOR_BYTES;
  static final int NOISE = 5 * VECTOR_BYTES;

  private final MemorySegment stage;
  private final ApplySpan span = new ApplySpan();

  /** A stage on {@value #BYTES} bytes. */
  TailStage(MemorySegment stage) {
    this.stage = stage;
    long address = stage.address();
    span.values = Memory.EVERYWHERE;
    span.value = address + VALUE;
    span.gradients = Memory.EVERYWHERE;
    span.gradient = address + GRADIENT;
    span.velocity = address + VELOCITY;
    span.rate = address + RATE;
    span.weight = address + WEIGHT;
    span.noise = address + NOISE;
  }

  /** Copies a stream's last bytes to the stage; nothing where the tensor has no such stream (null). */
  void put(int stream, MemorySegment from, long offset, long bytes) {
    if (from != null) {
      MemorySegment.copy(from, offset, stage, stream, bytes);
    }
  }

  /** Updates one vector on the stage. */
  void run(ApplyKernel kernel, ApplyScalars scalars) {
    span.count = kernel.lanes();
    kernel.run(span, scalars);
  }

  /** Copies a stream's bytes back. */
  void take(int stream, MemorySegment to, long offset, long bytes) {
    if (to != null) {
      MemorySegment.copy(stage, stream, to, offset, bytes);
    }
  }
}
