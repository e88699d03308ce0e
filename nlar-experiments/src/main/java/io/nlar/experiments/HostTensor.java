package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor in the host's memory, read and written there as binary64. The tensor must stay in that memory, and open. */
final class HostTensor {
  private final ByteBuffer memory;
  private final boolean wide;
  private final int length;

  /**
   * Finds the memory.
   *
   * @param array float32 or float64, on the CPU, without gaps between its elements
   */
  HostTensor(NDArray array) {
    memory = array.toByteBuffer(true).order(ByteOrder.nativeOrder());
    wide = array.getDataType() == DataType.FLOAT64;
    length = Math.toIntExact(array.size());
  }

  int length() {
    return length;
  }

  /** Copies the elements to {@code target}. */
  void read(double[] target) {
    for (int i = 0; i < length; i++) {
      target[i] = wide ? memory.getDouble(i * Double.BYTES) : memory.getFloat(i * Float.BYTES);
    }
  }

  /** Sets the elements, rounded to the tensor's type. */
  void write(double[] source) {
    for (int i = 0; i < length; i++) {
      if (wide) {
        memory.putDouble(i * Double.BYTES, source[i]);
      } else {
        memory.putFloat(i * Float.BYTES, (float) source[i]);
      }
    }
  }
}
