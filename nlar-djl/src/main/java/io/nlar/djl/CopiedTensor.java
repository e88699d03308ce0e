package io.nlar.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.ParameterException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor whose elements are copied to the device before a step and back after it. */
final class CopiedTensor extends DeviceTensor {
  private final NDArray array;
  private final Buffer buffer;
  private final ByteBuffer staging;

  CopiedTensor(io.nlar.Device device, DType type, NDArray array) {
    long bytes = array.size() * type.bytes();
    if (bytes > Integer.MAX_VALUE) {
      throw new ParameterException("a tensor of shape " + array.getShape() + " takes " + bytes + " bytes, cannot be"
          + " shared with " + device.info().selector() + ", and DJL copies at most 2 GiB at once; use contiguous"
          + " tensors on the CPU, and the backend 'cpu'");
    }
    this.array = array;
    // First, for it is what the JVM may refuse: nobody would close the buffer.
    this.staging = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    this.buffer = device.allocate(type, array.size());
  }

  @Override
  Buffer buffer() {
    return buffer;
  }

  @Override
  boolean current() {
    return !array.isReleased();
  }

  @Override
  boolean anyNonZero() {
    return true;
  }

  @Override
  void load() {
    try (NDManager scope = array.getManager().newSubManager()) {
      NDArray copy = array.toDevice(Device.cpu(), true);
      NDScope.unregister(copy);
      copy.attach(scope);
      buffer.copyFrom(MemorySegment.ofBuffer(copy.toByteBuffer(true)));
    }
  }

  @Override
  void store() {
    buffer.copyTo(MemorySegment.ofBuffer(staging));
    try (NDManager scope = array.getManager().newSubManager(Device.cpu())) {
      NDArray copy = scope.create(staging.rewind(), array.getShape(), array.getDataType());
      NDScope.unregister(copy);
      copy.copyTo(array);
    }
  }

  @Override
  public void close() {
    buffer.close();
  }
}
