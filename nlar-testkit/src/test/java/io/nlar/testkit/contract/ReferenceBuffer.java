package io.nlar.testkit.contract;

import io.nlar.ClosedException;
import io.nlar.DType;
import io.nlar.spi.Extent;
import io.nlar.spi.device.AbstractBuffer;
import io.nlar.testkit.HostValues;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A buffer of the {@link ReferenceDevice}: a memory segment. */
final class ReferenceBuffer extends AbstractBuffer {
  private static final Object NATIVE = new Object();

  private final ReferenceDevice device;
  private final MemorySegment memory;

  ReferenceBuffer(ReferenceDevice device, DType type, MemorySegment memory, ReferenceBuffer parent) {
    super(device, type, memory.byteSize() / type.bytes(), parent);
    this.device = device;
    this.memory = memory;
  }

  double[] values() {
    return HostValues.read(memory, type());
  }

  void set(double[] values) {
    HostValues.write(memory, type(), values);
  }

  @Override
  protected AbstractBuffer newSlice(long offset, long length) {
    MemorySegment part = memory.asSlice(offset * type().bytes(), length * type().bytes());
    return new ReferenceBuffer(device, type(), part, this);
  }

  @Override
  protected void write(MemorySegment host) {
    device.sabotage().beforeWrite();
    memory.copyFrom(host);
  }

  @Override
  protected void read(MemorySegment host) {
    host.copyFrom(memory);
  }

  @Override
  public void fill(double value) {
    double[] values = new double[Math.toIntExact(length())];
    Arrays.fill(values, value);
    set(values);
  }

  @Override
  public void checkOpen() {
    super.checkOpen();
    if (!memory.scope().isAlive()) {
      throw new ClosedException("the arena of the memory behind a buffer of " + length() + " " + type()
          + " was closed; close the buffer first");
    }
  }

  /** The garbage collector, or the memory's owner, frees it. */
  @Override
  protected void release() {
    device.sabotage().onBufferRelease();
  }

  @Override
  public Extent extent() {
    return new Extent(memory.heapBase().orElse(NATIVE), memory.address(), memory.byteSize());
  }
}
