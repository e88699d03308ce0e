package io.nlar.spi.queue;

import io.nlar.ParameterException;
import io.nlar.spi.Extent;
import java.lang.foreign.MemorySegment;

/** A piece of memory that a device's kernels reach: an allocation of ours, or what a caller has lent. */
public interface DeviceMemory {

  /**
   * Where kernels find elements: an address, or, on devices whose launches take memory objects, the first element's
   * number within the object.
   *
   * @param offset bytes from the beginning of this memory
   * @param elementBytes size of an element
   */
  long place(long offset, int elementBytes);

  /** Whether a launch that is given {@code other} reaches this memory too: the same object, or one address space. */
  boolean reachedThrough(DeviceMemory other);

  /** Whether the byte at {@code offset} lies on a boundary of {@code bytes}. */
  boolean aligned(long offset, int bytes);

  /** The bytes from {@code offset} on, for finding overlaps. */
  Extent extent(long offset, long bytes);

  /** The host memory that it stands for and that the device works on in place; null for memory of the device. */
  default MemorySegment host() {
    return null;
  }

  /** Whether its owner may look into it without asking the queue: then a step that writes it is done when it returns. */
  default boolean settled() {
    return false;
  }

  /**
   * Refuses memory that kernels may not write.
   *
   * @param what what of the step it is, for the message
   * @throws ParameterException if kernels may only read it
   */
  default void checkWritable(String what) {}

  /** Gives it back; for lent memory, lets go of it. Kernels that are enqueued still have it. Called once. */
  void release();
}
