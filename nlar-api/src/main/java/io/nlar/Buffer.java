package io.nlar;

import java.lang.foreign.MemorySegment;

/**
 * A flat run of elements in a device's memory: owned ({@link Device#allocate}), or borrowed ({@code wrap}).
 *
 * <p>Copies wait until the device has done what was enqueued before. {@link #close} is idempotent, frees owned memory
 * and forgets borrowed memory; a closed buffer, and every slice of it, refuses further use with
 * {@link ClosedException}, also inside a step. A buffer that is dropped without it stays as long as its device.
 */
public interface Buffer extends AutoCloseable {

  /** The device whose memory this is. */
  Device device();

  /** Element type. */
  DType type();

  /** Length in elements. */
  long length();

  /** Length in bytes. */
  default long byteSize() {
    return length() * type().bytes();
  }

  /**
   * A view of {@code length} elements from element {@code offset}. It shares this buffer's memory and lifetime; closing
   * it forgets only the view.
   *
   * @throws BufferException if the range does not lie inside this buffer
   * @throws ClosedException if this buffer was closed
   */
  Buffer slice(long offset, long length);

  /**
   * Copies {@link #byteSize} bytes from host memory, elements in native byte order.
   *
   * @throws BufferException if {@code host} has another size, was closed, or is bound to another thread; or where either
   *     is a mapped file that was truncated: then a part may have been copied
   * @throws ClosedException if this buffer was closed
   */
  void copyFrom(MemorySegment host);

  /**
   * Copies all elements to host memory, in native byte order.
   *
   * @throws BufferException if {@code host} has another size, is read-only, was closed, or is bound to another thread;
   *     or where either is a mapped file that was truncated: then a part may have been copied
   * @throws ClosedException if this buffer was closed
   */
  void copyTo(MemorySegment host);

  @Override
  void close();
}
