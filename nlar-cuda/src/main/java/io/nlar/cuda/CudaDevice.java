package io.nlar.cuda;

import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.DeviceMemoryException;
import io.nlar.spi.AbstractBuffer;
import io.nlar.spi.AbstractDevice;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;

/** A GPU with its queue. */
final class CudaDevice extends AbstractDevice {
  private final Driver driver;

  CudaDevice(DeviceInfo info, Driver driver) {
    super(info);
    this.driver = driver;
  }

  Driver driver() {
    return driver;
  }

  @Override
  protected AbstractBuffer newBuffer(DType type, long length) {
    long bytes;
    try {
      bytes = Math.multiplyExact(length, (long) type.bytes());
    } catch (ArithmeticException overflow) {
      throw new DeviceMemoryException("a buffer of " + length + " " + type + " is larger than any address space; "
          + info().selector() + " has " + info().memoryBytes() + " bytes", overflow);
    }
    if (bytes == 0) {
      return CudaBuffer.owned(this, type, 0, 0);
    }
    long address = zeroed(bytes, "a buffer of " + length + " " + type);
    return CudaBuffer.owned(this, type, length, address);
  }

  /** Allocates memory of zeros; nothing stays allocated where that fails. */
  long zeroed(long bytes, String what) {
    long address = driver.allocate(bytes, what);
    try {
      driver.zero(address, bytes);
    } catch (Throwable failure) {
      driver.free(address);
      throw failure;
    }
    return address;
  }

  @Override
  protected AbstractBuffer newAddressWrap(DType type, long length, long address) {
    if (address % type.bytes() != 0) {
      throw new BufferException("the address 0x" + Long.toHexString(address) + " is no multiple of " + type.bytes()
          + ", the size of a " + type + "; CUDA reads whole elements only");
    }
    if (length > 0) {
      try {
        driver.checkAddress(address, Math.multiplyExact(length, (long) type.bytes()));
      } catch (ArithmeticException overflow) {
        throw new BufferException(length + " " + type + " are more than any address space holds");
      }
    }
    return CudaBuffer.borrowed(this, type, length, address);
  }

  @Override
  protected StepEngine newEngine(StepPlan plan) {
    return new CudaEngine(this, plan);
  }

  @Override
  protected void waitForQueue() {
    driver.synchronize();
  }

  @Override
  protected void release() {
    driver.close();
  }
}
