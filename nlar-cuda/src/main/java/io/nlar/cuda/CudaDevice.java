package io.nlar.cuda;

import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.spi.device.AbstractBuffer;
import io.nlar.spi.queue.Kernels;
import io.nlar.spi.queue.QueueBuffer;
import io.nlar.spi.queue.QueueDevice;

/** A GPU with its queue. */
final class CudaDevice extends QueueDevice {
  private final Driver driver;
  private final Kernels kernels;

  CudaDevice(DeviceInfo info, Driver driver) {
    super(info);
    this.driver = driver;
    this.kernels = new CudaKernels(driver);
  }

  @Override
  public Driver queue() {
    return driver;
  }

  @Override
  protected Kernels kernels() {
    return kernels;
  }

  @Override
  protected AbstractBuffer newAddressWrap(DType type, long length, long address) {
    reaches(type, length, address);
    return new QueueBuffer(this, type, length, GpuMemory.lent(address), 0);
  }

  @Override
  protected boolean reaches(DType type, long length, long address) {
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
    return true;
  }
}
