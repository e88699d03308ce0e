package io.nlar.djl;


import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;

/** A tensor whose own memory the device works on. */
final class SharedTensor extends DeviceTensor {
  private final HostAlias alias;
  private final DType type;
  private final long length;
  private final Buffer buffer;
  /** Where an element was last seen that is not 0: most probably there is one again. */
  private long lastNonZero;

  SharedTensor(Device device, DType type, HostAlias alias) {
    this.alias = alias;
    this.type = type;
    this.length = alias.memory().byteSize() / type.bytes();
    this.buffer = length == 0 ? device.allocate(type, 0) : device.wrap(type, alias.memory());
  }

  /** Address of the first element. */
  long address() {
    return alias.memory().address();
  }

  @Override
  Buffer buffer() {
    return buffer;
  }

  @Override
  boolean current() {
    return alias.current();
  }

  @Override
  boolean anyNonZero() {
    if (length == 0) {
      return false;
    }
    if (nonZero(lastNonZero)) {
      return true;
    }
    for (long i = 0; i < length; i++) {
      if (nonZero(i)) {
        lastNonZero = i;
        return true;
      }
    }
    return false;
  }

  private boolean nonZero(long element) {
    return type.get(alias.memory(), element) != 0;
  }

  @Override
  void load() {
    // The device reads the tensor itself.
  }

  @Override
  void store() {
    // The device wrote the tensor itself.
  }

  @Override
  public void close() {
    buffer.close();
    alias.close();
  }
}
