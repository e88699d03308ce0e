package io.nlar.spi.queue;

import io.nlar.DeviceException;
import io.nlar.DeviceMemoryException;
import java.lang.foreign.MemorySegment;

/**
 * A device's memory and its in-order queue: what the common engine asks of a backend beside {@linkplain Kernels kernels}.
 * Calls come one at a time, from any thread. Every method may throw {@link DeviceException}, also for what failed
 * earlier on the queue.
 */
public interface Queue {

  /**
   * Memory of the device, on a boundary of at least 128 bytes; its contents are undefined.
   *
   * @param bytes at least 1
   * @param what what it is for, to be named where memory runs out
   * @throws DeviceMemoryException if the device has not enough memory
   */
  DeviceMemory memory(long bytes, String what);

  /** The same with zeros in it, by what it enqueues; nothing stays allocated where that fails. */
  default DeviceMemory zeroed(long bytes, String what) {
    DeviceMemory memory = memory(bytes, what);
    try {
      zero(memory, 0, bytes);
      return memory;
    } catch (Throwable failure) {
      memory.release();
      throw failure;
    }
  }

  /** The most bytes that {@link #memory} can be asked for. */
  long largestMemory();

  /** Zeroed memory that kernels write and the host can {@link #look} into; for small records. */
  DeviceMemory visibleMemory(long bytes, String what);

  /** Copies from {@linkplain #visibleMemory visible memory} what kernels have left there in steps that were awaited. */
  void look(DeviceMemory visible, long offset, MemorySegment to);

  /** A window on a few bytes of memory. */
  Window window(DeviceMemory memory, long offset, long bytes);

  /** What the host sees of a few bytes of memory without waiting for the queue. */
  interface Window extends AutoCloseable {
    /** Asks for a newer view, of when the queue will have come so far; it may also be there at once. */
    void refresh();

    /** The latest view that has come; zeros before the first. */
    MemorySegment seen();

    /** Called when the queue is empty. */
    @Override
    void close();
  }

  /** Returns when memory that was allocated and cleared is really there: some drivers allocate late. */
  default void confirm() {}

  /** Enqueues setting bytes to 0. */
  void zero(DeviceMemory memory, long offset, long bytes);

  /**
   * Enqueues filling memory.
   *
   * @param pattern one element, which is repeated
   */
  void fill(DeviceMemory memory, long offset, long bytes, MemorySegment pattern);

  /** Copies to the device, in order with the queue; {@code from} can be reused on return. */
  void write(DeviceMemory to, long offset, MemorySegment from);

  /** Copies from the device what lies there when the queue is done, and waits for it. */
  void read(DeviceMemory from, long offset, MemorySegment to);

  /** Starts what is enqueued, where that takes a call. Allocates nothing. */
  default void submit() {}

  /** Marks on the queue, by which to wait for a step. */
  Marks marks();

  /** See {@link #marks}. */
  interface Marks extends AutoCloseable {
    /** Enqueues the mark of a ticket. Allocates nothing. Tickets come in ascending order. */
    void set(long ticket);

    /** Waits until the queue has passed the mark of a ticket, or one behind it. Allocates nothing. */
    void await(long ticket);

    @Override
    void close();
  }

  /** Waits until the queue is empty. */
  void synchronize();

  /** Releases everything; nothing is used afterwards. */
  void close();
}
