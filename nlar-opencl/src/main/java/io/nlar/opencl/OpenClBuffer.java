package io.nlar.opencl;

import io.nlar.ClosedException;
import io.nlar.DType;
import io.nlar.spi.AbstractBuffer;
import io.nlar.spi.Extent;
import java.lang.foreign.MemorySegment;
import org.jocl.cl_mem;

/** A range of a memory object. */
final class OpenClBuffer extends AbstractBuffer {
  private final OpenClDevice device;
  private final MemoryObject memory;
  private final long offset;

  /** A whole buffer; it releases {@code memory} when it is closed. */
  OpenClBuffer(OpenClDevice device, DType type, long length, MemoryObject memory, long offset) {
    this(device, type, length, memory, offset, null);
  }

  private OpenClBuffer(
      OpenClDevice device, DType type, long length, MemoryObject memory, long offset, OpenClBuffer parent) {
    super(device, type, length, parent);
    this.device = device;
    this.memory = memory;
    this.offset = offset;
  }

  cl_mem memory() {
    return memory.handle();
  }

  /** The first element's byte within the memory object. */
  long offsetBytes() {
    return offset;
  }

  /** Whether kernels may not write it. */
  boolean readOnly() {
    return memory.readOnly();
  }

  /** The first element's number, counted from the start of the memory object. */
  long firstElement() {
    return offset / type().bytes();
  }

  /** Whether the first element starts a vector of this many elements. Memory of the device is aligned to any vector. */
  boolean alignedTo(int elements) {
    long start = offset + (memory.host() == null ? 0 : memory.host().address());
    return start % ((long) elements * type().bytes()) == 0;
  }

  /** The host memory that this buffer stands for; null for memory of the device. */
  MemorySegment host() {
    return memory.host();
  }

  @Override
  protected OpenClBuffer newSlice(long from, long length) {
    return new OpenClBuffer(device, type(), length, memory, offset + from * type().bytes(), this);
  }

  @Override
  protected void write(MemorySegment host) {
    device.queue().write(memory(), offset, host);
  }

  @Override
  protected void read(MemorySegment host) {
    device.queue().read(memory(), offset, host);
  }

  @Override
  public void fill(double value) {
    if (length() > 0) {
      // A thread that flushes subnormal numbers to zero must not round to one.
      boolean subnormal = value != 0 && Math.abs(value) < type().smallestNormal();
      byte[] pattern = subnormal ? StandardArithmetic.compute(() -> pattern(value)) : pattern(value);
      device.queue().fill(memory(), offset, byteSize(), pattern);
    }
  }

  private byte[] pattern(double value) {
    byte[] pattern = new byte[type().bytes()];
    type().set(MemorySegment.ofArray(pattern), 0, value);
    return pattern;
  }

  @Override
  protected void release() {
    Resources all = new Resources();
    all.add(memory::release);
    if (memory.host() != null) {
      // Its owner may free it next, and what is enqueued keeps the memory object alive, but not the memory behind it.
      all.add(device.queue()::finish);
    }
    all.release();
  }

  @Override
  public void checkOpen() {
    super.checkOpen();
    if (memory.host() != null && !memory.host().scope().isAlive()) {
      throw new ClosedException("the arena of the host memory behind a buffer of " + length() + " " + type()
          + " was closed; it must outlive the buffer");
    }
  }

  @Override
  public Extent extent() {
    return new Extent(memory.root(), memory.rootOffset() + offset, byteSize());
  }
}
