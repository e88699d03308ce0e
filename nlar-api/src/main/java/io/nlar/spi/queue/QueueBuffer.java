package io.nlar.spi.queue;

import io.nlar.DType;
import io.nlar.spi.Extent;
import io.nlar.spi.HostMemory;
import io.nlar.spi.StandardArithmetic;
import io.nlar.spi.device.AbstractBuffer;
import java.lang.foreign.MemorySegment;

/** Elements in a device's memory. */
public final class QueueBuffer extends AbstractBuffer {
  private final QueueDevice device;
  private final DeviceMemory memory;
  private long offset;
  private final boolean owner;

  /** A whole buffer over {@code memory}, which it releases when it is closed. */
  public QueueBuffer(QueueDevice device, DType type, long length, DeviceMemory memory, long offset) {
    this(device, type, length, memory, offset, true, null);
  }

  private QueueBuffer(QueueDevice device, DType type, long length, DeviceMemory memory, long offset, boolean owner,
      QueueBuffer parent) {
    super(device, type, length, parent);
    this.device = device;
    this.memory = memory;
    this.offset = offset;
    this.owner = owner;
  }

  /** A part of memory that somebody else releases. */
  static QueueBuffer within(DeviceMemory memory, QueueDevice device, DType type, long length, long offset) {
    return new QueueBuffer(device, type, length, memory, offset, false, null);
  }

  /** The memory in which it lies. */
  public DeviceMemory memory() {
    return memory;
  }

  /** The first element's byte within {@link #memory}. */
  public long offset() {
    return offset;
  }

  /** Where kernels find it: {@link DeviceMemory#place}. */
  public long place() {
    return memory.place(offset, type().bytes());
  }

  /** From now on it lies at another address of the same address space. */
  void moveTo(long address) {
    offset += address - place();
  }

  boolean aligned(int bytes) {
    return memory.aligned(offset, bytes);
  }

  @Override
  protected AbstractBuffer newSlice(long from, long length) {
    return new QueueBuffer(device, type(), length, memory, offset + from * type().bytes(), false, this);
  }

  @Override
  protected void write(MemorySegment host) {
    device.queue().write(memory, offset, host);
  }

  @Override
  protected void read(MemorySegment host) {
    device.queue().read(memory, offset, host);
  }

  @Override
  public void fill(double value) {
    checkOpen();
    if (length() == 0) {
      return;
    }
    if (Double.doubleToRawLongBits(value) == 0) {
      device.queue().zero(memory, offset, byteSize());
      return;
    }
    byte[] element = new byte[type().bytes()];
    MemorySegment pattern = MemorySegment.ofArray(element);
    StandardArithmetic.compute(() -> {
      type().set(pattern, 0, value);
      return element;
    });
    device.queue().fill(memory, offset, byteSize(), pattern);
  }

  @Override
  protected void release() {
    if (owner) {
      boolean host = memory.host() != null;
      memory.release();
      if (host) {
        // Its owner may free it next, and what is enqueued may still use it.
        device.queue().synchronize();
      }
    }
  }

  @Override
  public void checkOpen() {
    super.checkOpen();
    if (memory.host() != null) {
      HostMemory.checkAlive(memory.host().scope());
    }
  }

  @Override
  public Extent extent() {
    return memory.extent(offset, byteSize());
  }
}
