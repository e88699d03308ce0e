package io.nlar.internal;

import java.io.IOException;

/** The bytes of a saved state, which are read more than once. */
interface StateInput extends AutoCloseable {

  /** How many there were when it was opened. */
  long size();

  /** Reads exactly {@code length} bytes from {@code position} on. */
  void read(long position, byte[] target, int offset, int length) throws IOException;

  @Override
  void close() throws IOException;
}
