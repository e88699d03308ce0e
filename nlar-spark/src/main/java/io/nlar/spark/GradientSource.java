package io.nlar.spark;

import java.io.Serializable;

/**
 * Opens what computes gradients on a worker: it travels there, data or the way to them included, and may then load a data set or
 * a model once, instead of in every micro-batch.
 */
@FunctionalInterface
public interface GradientSource extends Serializable {
  /** {@link Gradients} that travel themselves: a function without anything to open. */
  @FunctionalInterface
  interface Function extends Gradients, Serializable {}

  /** Called once on each worker, and again when it is restarted. The result is closed when training ends there. */
  Gradients open() throws Exception;

  /** A source of a function. */
  static GradientSource of(Function function) {
    return () -> function;
  }
}
