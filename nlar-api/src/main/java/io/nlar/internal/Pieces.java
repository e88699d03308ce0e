package io.nlar.internal;

import io.nlar.Buffer;
import io.nlar.spi.EngineBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Walks a device buffer in pieces of bounded size through one block of host memory. */
final class Pieces {
  /** Elements a piece: 2 to 4 MiB, large enough for full transfer speed. */
  private static final int ELEMENTS = 1 << 19;

  private Pieces() {}

  /** What is done with a piece. */
  interface Action<X extends Exception> {
    void accept(Buffer piece, MemorySegment host, long offset) throws X;
  }

  /** Calls {@code action} for consecutive slices, with host memory of the slice's size. */
  static <X extends Exception> void forEach(EngineBuffer buffer, Action<X> action) throws X {
    long bytes = buffer.type().bytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(Math.min(buffer.length(), ELEMENTS) * bytes, bytes);
      for (long offset = 0; offset < buffer.length(); offset += ELEMENTS) {
        long length = Math.min(ELEMENTS, buffer.length() - offset);
        try (Buffer piece = buffer.slice(offset, length)) {
          action.accept(piece, host.asSlice(0, length * bytes), offset);
        }
      }
    }
  }
}
