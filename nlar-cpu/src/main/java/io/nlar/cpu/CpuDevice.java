package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.DeviceMemoryException;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.device.AbstractBuffer;
import io.nlar.spi.device.AbstractDevice;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;

/** The processor, with a team of threads. */
final class CpuDevice extends AbstractDevice {
  private static final Cleaner CLEANER = Cleaner.create();

  private final CpuSettings settings;
  private final Holdings holdings;
  private final Cleaner.Cleanable cleanable;

  CpuDevice(DeviceInfo info, CpuSettings settings) {
    super(info);
    this.settings = settings;
    this.holdings = new Holdings(settings.threads());
    // Device, buffers and steps all refer to the lock, and each call gives it back at its end: while it is reachable
    // the memory may be in use.
    this.cleanable = CLEANER.register(lock(), holdings);
  }

  /** What this device holds outside of the Java heap. */
  Holdings holdings() {
    return holdings;
  }

  Team team() {
    return holdings.team();
  }

  Substitute substitute() {
    return holdings.substitute();
  }

  /** The working memory of a member of the team. */
  Scratch scratch(int member) {
    return holdings.scratch(member);
  }

  CpuSettings.Cut cut() {
    return settings.cut();
  }

  /** Width of the kernels' vectors; 0 for scalar kernels. */
  int vectorBits() {
    return settings.vectorBits();
  }

  @Override
  protected AbstractBuffer newBuffer(DType type, long length) {
    if (length > Long.MAX_VALUE / type.bytes()) {
      throw new DeviceMemoryException("a buffer of " + length + " " + type + " exceeds every address space");
    }
    NativeMemory memory = holdings.allocate(length * type.bytes(), "a buffer of " + length + " " + type);
    return new CpuBuffer(this, type, memory.segment(), null, () -> holdings.free(memory));
  }

  @Override
  protected AbstractBuffer newHostWrap(DType type, long length, MemorySegment host) {
    return new CpuBuffer(this, type, host, null, null);
  }

  @Override
  protected AbstractBuffer newAddressWrap(DType type, long length, long address) {
    return new CpuBuffer(
        this, type, MemorySegment.ofAddress(address).reinterpret(length * type.bytes()), null, null);
  }

  @Override
  protected StepEngine newEngine(StepPlan plan) {
    return new CpuEngine(this, plan);
  }

  @Override
  protected void waitForQueue() {
    // A call returns when its work is done.
  }

  @Override
  protected void release() {
    cleanable.clean();
  }
}
