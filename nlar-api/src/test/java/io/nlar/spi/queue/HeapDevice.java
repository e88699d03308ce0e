package io.nlar.spi.queue;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.spi.Extent;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** A device whose memory is arrays, each an object of its own, and which runs no kernels. */
final class HeapDevice extends QueueDevice {

  /** An array as memory. */
  record Heap(byte[] bytes) implements DeviceMemory {
    MemorySegment at(long offset, long count) {
      return MemorySegment.ofArray(bytes).asSlice(offset, count);
    }

    @Override
    public long place(long offset, int elementBytes) {
      return offset / elementBytes;
    }

    @Override
    public boolean reachedThrough(DeviceMemory other) {
      return other instanceof Heap heap && heap.bytes == bytes;
    }

    @Override
    public boolean aligned(long offset, int boundary) {
      return offset % boundary == 0;
    }

    @Override
    public Extent extent(long offset, long count) {
      return new Extent(bytes, offset, count);
    }

    @Override
    public void release() {
      // The collector's.
    }
  }

  private static final class HeapQueue implements Queue {
    @Override
    public DeviceMemory memory(long bytes, String what) {
      return new Heap(new byte[Math.toIntExact(bytes)]);
    }

    @Override
    public long largestMemory() {
      return 1 << 30;
    }

    @Override
    public DeviceMemory visibleMemory(long bytes, String what) {
      return memory(bytes, what);
    }

    @Override
    public void look(DeviceMemory visible, long offset, MemorySegment to) {
      read(visible, offset, to);
    }

    @Override
    public void zero(DeviceMemory memory, long offset, long bytes) {
      ((Heap) memory).at(offset, bytes).fill((byte) 0);
    }

    @Override
    public void fill(DeviceMemory memory, long offset, long bytes, MemorySegment pattern) {
      for (long at = 0; at < bytes; at += pattern.byteSize()) {
        write(memory, offset + at, pattern);
      }
    }

    @Override
    public void write(DeviceMemory to, long offset, MemorySegment from) {
      ((Heap) to).at(offset, from.byteSize()).copyFrom(from);
    }

    @Override
    public void read(DeviceMemory from, long offset, MemorySegment to) {
      to.copyFrom(((Heap) from).at(offset, to.byteSize()));
    }

    @Override
    public Window window(DeviceMemory memory, long offset, long bytes) {
      throw new UnsupportedOperationException("nothing runs here");
    }

    @Override
    public Marks marks() {
      throw new UnsupportedOperationException("nothing runs here");
    }

    @Override
    public void synchronize() {
      // Nothing runs here.
    }

    @Override
    public void close() {
      // The collector's.
    }
  }

  /** Kernels that cut chunks of 4096 elements. */
  record Cutting(int objects) implements Kernels {
    @Override
    public int chunk() {
      return 4096;
    }

    @Override
    public int alignment(DType type) {
      return 16;
    }

    @Override
    public int stateAlignment(DType type) {
      return type.bytes();
    }

    @Override
    public void prepare(DType type) {
      // There are none.
    }

    @Override
    public void prepare(Variant variant) {
      // There are none.
    }

    @Override
    public Reduction reduction(DType type, StepMemory memory, Part part) {
      throw new UnsupportedOperationException("nothing runs here");
    }

    @Override
    public Update update(Variant variant, StepMemory memory, Part part) {
      throw new UnsupportedOperationException("nothing runs here");
    }
  }

  private final Queue queue = new HeapQueue();
  private final Kernels kernels;

  /** A device whose launches take this many memory objects of values, and of gradients. */
  HeapDevice(int objects) {
    super(new DeviceInfo("heap", 0, "arrays", 1L << 30, Set.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16, DType.FLOAT16), DeviceInfo.HostMemory.NONE));
    kernels = new Cutting(objects);
  }

  @Override
  public Queue queue() {
    return queue;
  }

  @Override
  protected Kernels kernels() {
    return kernels;
  }
}
