package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.Extent;
import io.nlar.spi.HostMemory;
import io.nlar.spi.device.AbstractBuffer;
import java.lang.foreign.MemorySegment;

/** Memory of this process: our own, or a segment that was handed over. */
final class CpuBuffer extends AbstractBuffer {
  private static final Object NATIVE_ADDRESSES = "native addresses";

  private final CpuDevice device;
  private MemorySegment segment;
  /** The address to which it was moved since {@link #segment} was made; 0 for none. */
  private long movedTo;
  private final Runnable release;

  /**
   * A buffer over {@code segment}.
   *
   * @param release what frees the memory; null where it is not ours to free
   */
  CpuBuffer(CpuDevice device, DType type, MemorySegment segment, CpuBuffer parent, Runnable release) {
    super(device, type, segment.byteSize() / type.bytes(), parent);
    this.device = device;
    this.segment = segment;
    this.release = release;
  }

  /** The memory, with the liveness of whoever lent it. */
  MemorySegment segment() {
    if (movedTo != 0) {
      segment = MemorySegment.ofAddress(movedTo).reinterpret(segment.byteSize());
      movedTo = 0;
    }
    return segment;
  }

  @Override
  public MemorySegment hostMemory() {
    checkOpen();
    return mapped() ? null : segment();
  }

  /** This buffer lies at another address from now on. */
  void moveTo(long address) {
    movedTo = address;
  }

  /** The memory of a buffer of this backend's. */
  static MemorySegment segment(EngineBuffer buffer) {
    return ((CpuBuffer) buffer).segment();
  }

  @Override
  protected AbstractBuffer newSlice(long offset, long length) {
    long bytes = type().bytes();
    return new CpuBuffer(device, type(), segment().asSlice(offset * bytes, length * bytes), this, null);
  }

  @Override
  protected void write(MemorySegment host) {
    segment().copyFrom(host);
  }

  @Override
  protected boolean mapped() {
    return segment.isMapped();
  }

  @Override
  protected void read(MemorySegment host) {
    host.copyFrom(segment());
  }

  @Override
  public void fill(double value) {
    device.substitute().run(() -> {
      checkOpen();
      if (length() > 0) {
        fillNow(value);
      }
    });
  }

  /** One element, then what is filled so far copied behind itself, in pieces that stay in a cache. */
  private void fillNow(double value) {
    MemorySegment segment = segment();
    type().set(segment, 0, value);
    long filled = type().bytes();
    while (filled < segment.byteSize()) {
      long bytes = Math.min(Math.min(filled, FILL_PIECE), segment.byteSize() - filled);
      MemorySegment.copy(segment, 0, segment, filled, bytes);
      filled += bytes;
    }
  }

  private static final long FILL_PIECE = 64 << 10;

  @Override
  public void checkOpen() {
    super.checkOpen();
    HostMemory.checkAlive(segment.scope());
  }

  @Override
  protected void release() {
    if (release != null) {
      release.run();
    }
  }

  @Override
  public Extent extent() {
    return new Extent(segment().heapBase().orElse(NATIVE_ADDRESSES), segment().address(), segment.byteSize());
  }
}
