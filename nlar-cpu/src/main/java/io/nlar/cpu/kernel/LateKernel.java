package io.nlar.cpu.kernel;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A kernel that begins as its scalar twin ({@link Takeover}).
 *
 * @param <K> what kind of kernel
 */
abstract class LateKernel<K> {
  final K scalar;
  final K vector;
  private final long after;
  private final Takeover takeover;

  /**
   * A kernel of two.
   *
   * @param after the number of elements after which the one on vectors is compiled
   */
  LateKernel(K scalar, K vector, long after) {
    this(scalar, vector, after, System::nanoTime);
  }

  /** The same by another {@code clock}, in nanoseconds. */
  LateKernel(K scalar, K vector, long after, LongSupplier clock) {
    this.scalar = scalar;
    this.vector = vector;
    this.after = after;
    this.takeover = new Takeover(clock);
  }

  /** Whether the kernel on vectors is to be used. */
  final boolean takenOver() {
    return takeover.done();
  }

  /** Whether to {@link #rehearse}, since the scalar kernel has done enough with {@code count} more elements; true once. */
  final boolean due(long count) {
    return takeover.due(count, after);
  }

  /**
   * Has the kernel on vectors compiled.
   *
   * @param run runs a kernel on memory of its own
   */
  final void rehearse(Consumer<K> run) {
    takeover.begin(new Takeover.Rehearsal() {
      @Override
      public void scalar() {
        run.accept(scalar);
      }

      @Override
      public void vector() {
        run.accept(vector);
      }
    });
  }
}
