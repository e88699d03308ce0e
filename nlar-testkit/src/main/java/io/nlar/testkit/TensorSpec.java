package io.nlar.testkit;

import io.nlar.Part;

/**
 * A parameter without memory.
 *
 * @param name unique within its step
 * @param length in elements
 * @param zeroGradient whether the step sets the gradient to 0
 * @param written what the step writes
 * @param part the part of a larger tensor that it is; null: the whole
 */
public record TensorSpec(String name, int length, boolean zeroGradient, Written written, Part part) {

  /** A parameter that is a whole tensor. */
  public TensorSpec(String name, int length, boolean zeroGradient, Written written) {
    this(name, length, zeroGradient, written, null);
  }

  /** A parameter whose value is updated. */
  public TensorSpec(String name, int length, boolean zeroGradient) {
    this(name, length, zeroGradient, Written.VALUE);
  }

  /** A parameter whose gradient is only read. */
  public TensorSpec(String name, int length) {
    this(name, length, false);
  }

  /** The number of its first element in the tensor that it is a part of. */
  public long offset() {
    return part == null ? 0 : part.offset();
  }

  /** Its elements from {@code from} to {@code to}, as a parameter that is a part. */
  public TensorSpec part(int from, int to) {
    return new TensorSpec(name, to - from, zeroGradient, written, new Part(from, length));
  }
}
