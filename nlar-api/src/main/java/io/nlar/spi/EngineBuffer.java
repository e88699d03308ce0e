package io.nlar.spi;

import io.nlar.Buffer;
import io.nlar.ClosedException;
import java.lang.foreign.MemorySegment;

/** A buffer as engines and what is above them see it. */
public interface EngineBuffer extends Buffer {

  /** Sets every element to {@code value}, rounded to the type. */
  void fill(double value);

  /** Which bytes this buffer takes. */
  Extent extent();

  /**
   * The buffer's bytes, where they are memory of this process that any thread may write while the device's lock is held; null
   * where they are not, or where a write may fail half-way, as into a mapped file.
   */
  default MemorySegment hostMemory() {
    return null;
  }

  /**
   * Checks that the memory behind the buffer is still there.
   *
   * @throws ClosedException if the buffer, its parent, its device or the borrowed memory was closed
   */
  void checkOpen();
}
