package io.nlar.testkit.contract;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.DeviceMemoryException;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.device.AbstractBuffer;
import io.nlar.spi.device.AbstractDevice;
import io.nlar.testkit.HostValues;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * The smallest device there can be, on the reference step. It shows what a backend implements, lets the contract suite
 * be tested without a backend, and is the other side where state moves between backends.
 */
public class ReferenceDevice extends AbstractDevice {
  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  private final Sabotage sabotage;

  public ReferenceDevice() {
    this(Sabotage.NONE);
  }

  /** A wrong device, to test the suite with. */
  ReferenceDevice(Sabotage sabotage) {
    super(new DeviceInfo("reference", 0, "the plain scalar reference step", Runtime.getRuntime().maxMemory(),
        Set.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16, DType.FLOAT16), DeviceInfo.HostMemory.NATIVE_AND_HEAP));
    this.sabotage = sabotage;
  }

  @Override
  protected AbstractBuffer newBuffer(DType type, long length) {
    if (length > info().memoryBytes() / type.bytes() || length > LONGEST_ARRAY) {
      throw new DeviceMemoryException("cannot allocate " + length + " " + type + "; the reference device has "
          + info().memoryBytes() + " bytes and at most " + LONGEST_ARRAY + " elements a buffer");
    }
    return new ReferenceBuffer(this, type, HostValues.segment(type, new double[(int) length]), null);
  }

  @Override
  protected AbstractBuffer newHostWrap(DType type, long length, MemorySegment host) {
    return new ReferenceBuffer(this, type, host, null);
  }

  @Override
  protected AbstractBuffer newAddressWrap(DType type, long length, long address) {
    MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(length * type.bytes());
    return new ReferenceBuffer(this, type, memory, null);
  }

  @Override
  protected StepEngine newEngine(StepPlan plan) {
    return new ReferenceEngine(this, plan, sabotage);
  }

  @Override
  protected void waitForQueue() {
    // Every call is done when it returns.
  }

  Sabotage sabotage() {
    return sabotage;
  }

  /** Holds nothing but heap memory. */
  @Override
  protected void release() {
    sabotage.onDeviceRelease();
  }
}
