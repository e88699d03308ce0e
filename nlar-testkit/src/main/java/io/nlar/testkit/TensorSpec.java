package io.nlar.testkit;

/**
 * A parameter without memory.
 *
 * @param name unique within its step
 * @param length in elements
 * @param zeroGradient whether the step sets the gradient to 0
 * @param written what the step writes
 */
public record TensorSpec(String name, int length, boolean zeroGradient, Written written) {

  /** A parameter whose value is updated. */
  public TensorSpec(String name, int length, boolean zeroGradient) {
    this(name, length, zeroGradient, Written.VALUE);
  }

  /** A parameter whose gradient is only read. */
  public TensorSpec(String name, int length) {
    this(name, length, false);
  }
}
