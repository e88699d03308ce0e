package io.nlar.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import java.util.Optional;

/** A tensor of DJL with the buffer that stands for it on the device. */
abstract sealed class DeviceTensor implements AutoCloseable permits SharedTensor, CopiedTensor {

  /** Shares the tensor's memory with the device where both allow it, else keeps a copy there. */
  static DeviceTensor of(Device device, DType type, NDArray array, NDManager owner) {
    if (device.info().nativeMemory()) {
      Optional<HostAlias> alias = HostAlias.of(array, owner);
      if (alias.isPresent()) {
        return new SharedTensor(device, type, alias.get());
      }
    }
    return new CopiedTensor(device, type, array);
  }

  /** The buffer that a step works on. */
  abstract Buffer buffer();

  /** Whether the buffer still stands for the tensor. */
  abstract boolean current();

  /** Whether an element is not 0; a NaN is not. */
  abstract boolean anyNonZero();

  /** Brings the tensor's elements to the device. */
  abstract void load();

  /** Brings the buffer's elements back to the tensor. */
  abstract void store();

  /** Releases the buffer; the tensor stays. */
  @Override
  public abstract void close();
}
