package io.nlar.testkit;

/**
 * A parameter without memory.
 *
 * @param name unique within its step
 * @param length in elements
 * @param zeroGradient whether the step sets the gradient to 0
 */
public record TensorSpec(String name, int length, boolean zeroGradient) {

  /** A parameter whose gradient is only read. */
  public TensorSpec(String name, int length) {
    this(name, length, false);
  }
}
