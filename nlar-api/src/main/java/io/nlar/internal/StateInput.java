package io.nlar.internal;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of a saved state, which are read more than once. */
interface StateInput extends AutoCloseable {

  /** How many there were when it was opened. */
  long size();

  /** Reads exactly {@code length} bytes from {@code position} on. */
  void read(long position, byte[] target, int offset, int length) throws IOException;

  /** A way to the same bytes that several threads may take at once. */
  interface Positional {
    /** Fills {@code target} with the bytes from {@code position} on. */
    void read(long position, ByteBuffer target) throws IOException;
  }

  /**
   * The way for threads that nobody interrupts, since an interrupt would close it; null where there is only one reader at a
   * time.
   */
  default Positional positional() {
    return null;
  }

  @Override
  void close() throws IOException;
}
