package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import io.nlar.DType;
import java.lang.foreign.MemorySegment;

/** A tensor in the host's memory, read and written there as binary64. The tensor must stay in that memory, and open. */
final class HostTensor {
  private final MemorySegment memory;
  private final DType type;
  private final int length;

  /**
   * Finds the memory.
   *
   * @param array float32 or float64, on the CPU, without gaps between its elements
   */
  HostTensor(NDArray array) {
    memory = MemorySegment.ofBuffer(array.toByteBuffer(true));
    type = switch (array.getDataType()) {
      case FLOAT32 -> DType.FLOAT32;
      case FLOAT64 -> DType.FLOAT64;
      default -> throw new IllegalArgumentException("a tensor of " + array.getDataType() + "; here are float32 and float64");
    };
    length = Math.toIntExact(array.size());
  }

  int length() {
    return length;
  }

  /** Copies the elements to {@code target}. */
  void read(double[] target) {
    for (int i = 0; i < length; i++) {
      target[i] = type.get(memory, i);
    }
  }

  /** Sets the elements, rounded to the tensor's type. */
  void write(double[] source) {
    for (int i = 0; i < length; i++) {
      type.set(memory, i, source[i]);
    }
  }
}
