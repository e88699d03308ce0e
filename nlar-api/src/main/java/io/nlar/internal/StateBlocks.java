package io.nlar.internal;

import io.nlar.StateFileException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * The tensors of a state file in blocks of 1 MiB. All are read once, to check them; 8 bytes are kept of each, by which a
 * block that was overwritten since is known when it is read again. So nothing leaves here that was not checked.
 */
final class StateBlocks {
  private static final int BLOCK = 1 << 20;

  private final StateInput input;
  private final long start;
  private final long bytes;
  private final byte[] block;
  private final long[] marks;
  /** The number of the block in memory. */
  private int current = -1;

  /**
   * Blocks not yet checked.
   *
   * @param start where the tensors begin in the file
   * @param bytes how many bytes they take
   */
  StateBlocks(StateInput input, long start, long bytes) {
    this.input = input;
    this.start = start;
    this.bytes = bytes;
    this.block = new byte[(int) Math.min(BLOCK, bytes)];
    this.marks = new long[Math.toIntExact(Math.ceilDiv(bytes, BLOCK))];
  }

  /** Reads all blocks through {@code digest}. */
  void check(MessageDigest digest) throws IOException {
    for (int number = 0; number < marks.length; number++) {
      fetch(number);
      digest.update(block, 0, length(number));
      marks[number] = mark(number);
    }
  }

  /**
   * Copies from the checked bytes.
   *
   * @param offset of the first byte in the tensors
   * @throws StateFileException if the file was overwritten since; {@code target} is not to be used then
   */
  void copy(long offset, MemorySegment target) throws IOException {
    for (long done = 0; done < target.byteSize(); ) {
      int number = (int) ((offset + done) / BLOCK);
      int from = (int) ((offset + done) % BLOCK);
      if (number != current) {
        fetch(number);
        if (mark(number) != marks[number]) {
          throw new StateFileException("the file was overwritten while it was restored: other bytes than before from byte "
              + position(number) + " on; restore again when nothing writes it");
        }
      }
      long length = Math.min(target.byteSize() - done, length(number) - from);
      MemorySegment.copy(MemorySegment.ofArray(block), from, target, done, length);
      done += length;
    }
  }

  private void fetch(int number) throws IOException {
    current = -1; // until all of it is there
    input.read(position(number), block, 0, length(number));
    current = number;
  }

  private long position(int number) {
    return start + (long) number * BLOCK;
  }

  private int length(int number) {
    return (int) Math.min(BLOCK, bytes - (long) number * BLOCK);
  }

  /** Two sums of 32 bits with different polynomials, which processors form many times as fast as SHA-256. */
  private long mark(int number) {
    CRC32 first = new CRC32();
    first.update(block, 0, length(number));
    CRC32C second = new CRC32C();
    second.update(block, 0, length(number));
    return first.getValue() << 32 | second.getValue();
  }
}
