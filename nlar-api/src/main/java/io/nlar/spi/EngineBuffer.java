package io.nlar.spi;

import io.nlar.Buffer;
import io.nlar.ClosedException;

/** A buffer as engines and what is above them see it. */
public interface EngineBuffer extends Buffer {

  /** Sets every element to {@code value}, rounded to the type. */
  void fill(double value);

  /** Which bytes this buffer takes. */
  Extent extent();

  /**
   * Checks that the memory behind the buffer is still there.
   *
   * @throws ClosedException if the buffer, its parent, its device or the borrowed memory was closed
   */
  void checkOpen();
}
