package io.nlar.cuda;

import io.nlar.DeviceException;
import io.nlar.DeviceMemoryException;
import java.lang.foreign.MemorySegment;

/**
 * What devices and engines need of a GPU driver: memory, copies, launches and waiting, all on one in-order queue. Calls
 * come one at a time, from any thread. Every method may throw {@link DeviceException}, also for what failed earlier on
 * the queue.
 */
interface Driver {

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

  /** Marks on the queue, by which to wait for a step. */
  Marks marks();

  /** See {@link #marks}. */
  interface Marks extends AutoCloseable {
    /** Enqueues the mark of a ticket. Allocates nothing. Tickets come in ascending order. */
    void set(long ticket);

    /** Waits until the queue has passed the mark of a ticket, or one behind it. */
    void await(long ticket);

    @Override
    void close();
  }

  /** Waits until the queue is empty. */
  void synchronize();

  /** Releases everything; nothing is used afterwards. */
  void close();
}
