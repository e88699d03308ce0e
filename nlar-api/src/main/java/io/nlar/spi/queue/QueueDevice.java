package io.nlar.spi.queue;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.device.AbstractBuffer;
import io.nlar.spi.device.AbstractDevice;

/** Base of devices that work through a queue. A backend adds how memory of others is wrapped, and how it is released. */
public abstract class QueueDevice extends AbstractDevice {

  /** A device. */
  protected QueueDevice(DeviceInfo info) {
    super(info);
  }

  /** The device's queue. */
  public abstract Queue queue();

  /** The device's kernels. */
  protected abstract Kernels kernels();

  /**
   * Whether kernels reach memory by its address alone, so that what was {@linkplain #newAddressWrap wrapped} can move to this
   * one, which is checked as there.
   */
  protected boolean reaches(DType type, long length, long address) {
    return false;
  }

  @Override
  protected AbstractBuffer newBuffer(DType type, long length) {
    // More than can be counted is more than any device has: it says so.
    long bytes = length <= Long.MAX_VALUE / type.bytes() ? length * type.bytes() : Long.MAX_VALUE;
    DeviceMemory memory = queue().zeroed(Math.max(1, bytes), "a buffer of " + length + " " + type);
    try {
      queue().confirm();
    } catch (Throwable failure) {
      memory.release();
      throw failure;
    }
    return new QueueBuffer(this, type, length, memory, 0);
  }

  @Override
  protected final StepEngine newEngine(StepPlan plan) {
    return new QueueEngine(this, plan);
  }

  @Override
  protected final void waitForQueue() {
    queue().synchronize();
  }

  @Override
  protected void release() {
    queue().close();
  }
}
