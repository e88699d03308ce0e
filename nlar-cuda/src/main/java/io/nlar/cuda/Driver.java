package io.nlar.cuda;

import io.nlar.DeviceMemoryException;
import io.nlar.spi.queue.DeviceMemory;
import io.nlar.spi.queue.Queue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The queue of a GPU, whose memory has addresses. */
interface Driver extends Queue {
  /** Bytes of a pattern that are copied from the host before the device doubles them. */
  long PATTERN_BYTES = 1 << 12;

  /**
   * Device memory, on a boundary of at least 256 bytes; its content is undefined.
   *
   * @param bytes at least 1
   * @param what what it is for, to be named where memory runs out
   * @throws DeviceMemoryException if the device has not enough memory
   */
  long allocate(long bytes, String what);

  /** Frees device memory when the queue has done with it; does not fail for what failed earlier. */
  void free(long address);

  /** Refuses an address at which the device has no memory. */
  void checkAddress(long address, long bytes);

  /** Enqueues setting bytes to 0. */
  void zero(long address, long bytes);

  /** Enqueues a copy between places on the device that do not overlap. */
  void copy(long to, long from, long bytes);

  /** Copies to the device, in order with the queue; {@code host} can be reused on return. */
  void toDevice(long address, MemorySegment host);

  /** Copies from the device what lies there when the queue is done, and waits for it. */
  void toHost(long address, MemorySegment host);

  /** Zeroed memory that the host and the kernels both see, at the same address; for small records. */
  MemorySegment allocateShared(long bytes);

  /** Enqueues a copy from the device to {@linkplain #allocateShared shared memory}, and does not wait for it. */
  void toShared(MemorySegment shared, long from);

  /** Frees shared memory, as {@link #free}. */
  void freeShared(MemorySegment shared);

  /**
   * Prepares launches of a kernel.
   *
   * @param module the PTX module that holds it
   * @param threads threads of a thread block
   * @param arguments the kernel's one argument, read at every launch
   */
  Launch launch(String module, String kernel, int threads, MemorySegment arguments);

  /** A kernel with its arguments. */
  interface Launch {
    /** Enqueues it. Allocates nothing. */
    void run(int threadBlocks);
  }

  /** Where memory begins. */
  static long address(DeviceMemory memory) {
    return ((GpuMemory) memory).address();
  }

  @Override
  default DeviceMemory memory(long bytes, String what) {
    long address = allocate(bytes, what);
    return new GpuMemory(address, null, () -> free(address));
  }

  @Override
  default long largestMemory() {
    return Long.MAX_VALUE;
  }

  @Override
  default DeviceMemory visibleMemory(long bytes, String what) {
    MemorySegment shared = allocateShared(bytes);
    return new GpuMemory(shared.address(), shared, () -> freeShared(shared));
  }

  @Override
  default void look(DeviceMemory visible, long offset, MemorySegment to) {
    MemorySegment.copy(((GpuMemory) visible).shared(), offset, to, 0, to.byteSize());
  }

  /**
   * Copies go into shared memory in the queue's order, and the host looks there without asking whether one is on its way: each
   * of its numbers is there as a whole, if not all of them of the same step.
   */
  @Override
  default Window window(DeviceMemory memory, long offset, long bytes) {
    MemorySegment shared = allocateShared(bytes);
    long from = address(memory) + offset;
    return new Window() {
      @Override
      public void refresh() {
        toShared(shared, from);
      }

      @Override
      public MemorySegment seen() {
        return shared;
      }

      @Override
      public void close() {
        freeShared(shared);
      }
    };
  }

  @Override
  default void zero(DeviceMemory memory, long offset, long bytes) {
    zero(address(memory) + offset, bytes);
  }

  @Override
  default void fill(DeviceMemory memory, long offset, long bytes, MemorySegment pattern) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment repeated = arena.allocate(Math.min(bytes, PATTERN_BYTES), Double.BYTES);
      for (long at = 0; at < repeated.byteSize(); at += pattern.byteSize()) {
        MemorySegment.copy(pattern, 0, repeated, at, pattern.byteSize());
      }
      repeat(address(memory) + offset, bytes, repeated);
    }
  }

  /** Fills memory with a pattern, over and over; its last repetition may be cut. */
  default void repeat(long address, long bytes, MemorySegment pattern) {
    toDevice(address, pattern);
    for (long filled = pattern.byteSize(), more; filled < bytes; filled += more) {
      more = Math.min(filled, bytes - filled);
      copy(address + filled, address, more);
    }
  }

  @Override
  default void write(DeviceMemory to, long offset, MemorySegment from) {
    toDevice(address(to) + offset, from);
  }

  @Override
  default void read(DeviceMemory from, long offset, MemorySegment to) {
    toHost(address(from) + offset, to);
  }
}
