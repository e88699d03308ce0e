package io.nlar.internal;

import io.nlar.StateFileException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;

/**
 * The tensors of a state file in blocks of 1 MiB. All are read once, to check them; 8 bytes are kept of each, by which a
 * block that was overwritten since is known when it is read again. So nothing leaves here that was not checked.
 */
final class StateBlocks {
  private static final int BLOCK = StateFormat.BLOCK;

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

  /**
   * Reads all blocks.
   *
   * @param digest takes up the blocks' marks, or the blocks themselves
   */
  void check(MessageDigest digest, boolean digestsMarks) throws IOException {
    for (int number = 0; number < marks.length; number++) {
      fetch(number);
      marks[number] = StateFormat.mark(block, length(number));
      if (digestsMarks) {
        digest.update(StateFormat.bytes(marks[number]));
      } else {
        digest.update(block, 0, length(number));
      }
    }
  }

  /** Takes checked bytes; they are there until it returns. */
  interface Taker {
    /**
     * Takes bytes.
     *
     * @param offset of the first one in the tensor
     */
    void take(MemorySegment bytes, long offset);
  }

  /**
   * Gives the bytes of a tensor, element by element whole, in pieces of up to a block.
   *
   * @param offset of its first byte in the data
   * @throws StateFileException if the file was overwritten since it was checked
   */
  void read(long offset, long length, int elementBytes, Taker taker) throws IOException {
    for (long done = 0; done < length; ) {
      checked((int) ((offset + done) / BLOCK));
      int from = (int) ((offset + done) % BLOCK);
      int count = (int) Math.min(length - done, length(current) - from);
      int whole = count - count % elementBytes;
      if (whole > 0) {
        taker.take(MemorySegment.ofArray(block).asSlice(from, whole), done);
        done += whole;
      } else {
        // An element that lies in two blocks, behind a tensor of smaller ones.
        byte[] element = new byte[elementBytes];
        System.arraycopy(block, from, element, 0, count);
        checked(current + 1);
        System.arraycopy(block, 0, element, count, elementBytes - count);
        taker.take(MemorySegment.ofArray(element), done);
        done += elementBytes;
      }
    }
  }

  private void checked(int number) throws IOException {
    if (number != current) {
      fetch(number);
      if (StateFormat.mark(block, length(number)) != marks[number]) {
        current = -1;
        throw new StateFileException("the file was overwritten while it was restored: other bytes than before from byte "
            + position(number) + " on; restore again when nothing writes it");
      }
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
}
