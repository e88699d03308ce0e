package io.nlar.spi.device;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.ClosedException;
import io.nlar.DType;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.HostMemory;
import io.nlar.spi.MemoryFault;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Base of all buffers: checks, lifetime and slices. A backend adds how memory is read, written, filled and freed. */
public abstract class AbstractBuffer implements EngineBuffer {
  private final AbstractDevice device;
  private final DType type;
  private final long length;
  private final AbstractBuffer parent;
  private volatile boolean closed;

  /**
   * A buffer of a device.
   *
   * @param parent the buffer of which this is a slice; null for a whole buffer
   */
  protected AbstractBuffer(AbstractDevice device, DType type, long length, AbstractBuffer parent) {
    this.device = Objects.requireNonNull(device);
    this.type = Objects.requireNonNull(type);
    this.length = length;
    this.parent = parent;
  }

  /** A slice with {@code this} as its parent; the range has been checked. */
  protected abstract AbstractBuffer newSlice(long offset, long length);

  /** Copies from {@code host}, native (perhaps confined to this thread) or heap, of exactly this buffer's size, ordered after what was enqueued before. */
  protected abstract void write(MemorySegment host);

  /** Copies to {@code host}, native (perhaps confined to this thread) or heap, of exactly this buffer's size, when all that was enqueued before is done. */
  protected abstract void read(MemorySegment host);

  /** Frees owned memory. Called once, on whole buffers only. */
  protected abstract void release();

  @Override
  public void checkOpen() {
    if (!isOpen()) {
      throw new ClosedException("the buffer of " + length + " " + type + " on " + device.info().selector()
          + " was closed; buffers must outlive the steps that use them");
    }
  }

  /** Whether neither this buffer nor its parent was closed. */
  public final boolean isOpen() {
    return !closed && (parent == null || parent.isOpen());
  }

  @Override
  public final AbstractDevice device() {
    return device;
  }

  @Override
  public final DType type() {
    return type;
  }

  @Override
  public final long length() {
    return length;
  }

  @Override
  public final Buffer slice(long offset, long length) {
    checkOpen();
    if (offset < 0 || length < 0 || offset > this.length - length) {
      throw new BufferException("a slice of " + length + " elements from element " + offset
          + " does not lie inside a buffer of " + this.length + " elements");
    }
    return newSlice(offset, length);
  }

  @Override
  public final void copyFrom(MemorySegment host) {
    checkSize(host);
    HostMemory.checkAccess(host);
    copy(host, true);
  }

  @Override
  public final void copyTo(MemorySegment host) {
    checkSize(host);
    HostMemory.checkWritable(host);
    copy(host, false);
  }

  /** Without objects of its own: some callers copy a scalar in every step. */
  private void copy(MemorySegment host, boolean in) {
    device.lock().lock();
    try {
      checkOpen();
      if (length > 0) {
        copyNow(host, in);
      }
    } finally {
      device.lock().unlock();
    }
  }

  private void copyNow(MemorySegment host, boolean in) {
    try {
      if (in) {
        write(host);
      } else {
        read(host);
      }
      if (host.isMapped() || mapped()) {
        MemoryFault.report();
      }
    } catch (InternalError fault) {
      throw new BufferException("not all of a buffer of " + length + " " + type + " on " + device.info().selector()
          + " could be copied: " + MemoryFault.describe(fault), fault);
    }
  }

  /** Whether this buffer is memory of a mapped file. */
  protected boolean mapped() {
    return false;
  }

  private void checkSize(MemorySegment host) {
    if (host.byteSize() != byteSize()) {
      throw new BufferException("host memory of " + host.byteSize() + " bytes given for a buffer of " + length + " "
          + type + " = " + byteSize() + " bytes; give a segment of exactly that size");
    }
  }

  @Override
  public final void close() {
    device.exclusively(this::closeNow);
  }

  /** Closes under the device's lock. */
  final void closeNow() {
    if (!closed) {
      closed = true;
      // First, so that steps notice even where the release fails.
      device.bufferClosed();
      if (parent == null) {
        device.forget(this);
        release();
      }
    }
  }

  @Override
  public String toString() {
    return length + " " + type + " on " + device.info().selector() + (isOpen() ? "" : " (closed)");
  }
}
