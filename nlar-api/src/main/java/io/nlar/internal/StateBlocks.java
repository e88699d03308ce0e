package io.nlar.internal;

import io.nlar.StateFileException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * The tensors of a state file in blocks of 1 MiB. All are read once, to check them; some bytes are kept of each, by which what was
 * overwritten since is known when it is read again. So nothing leaves here that was not checked.
 *
 * <p>Threads share the reading where the input lets them and it is worth their while: of all blocks to be checked, and of
 * {@linkplain #load pieces} that go as they are into memory of this process.
 */
final class StateBlocks {
  private static final int BLOCK = StateFormat.BLOCK;

  private static final int PIECE = SharedTransfers.PIECE;
  private static final String THREADS = "nlar-restore";
  /** So many are read before threads have begun. */
  private static final int FEW = 4;

  private final StateInput input;
  private final StateInput.Positional shared;
  private final long start;
  private final long bytes;
  private final byte[] block;
  private final long[] marks;
  /** The number of the block in memory. */
  private int current = -1;
  /**
   * What the CRC-32C of its block was behind each piece that a thread has checked; null where the calling thread has checked
   * blocks.
   */
  private int[] sums;

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
    this.shared = marks.length > FEW ? input.positional() : null;
  }

  /**
   * Reads all blocks.
   *
   * @param digest takes up the blocks' marks, or the blocks themselves
   */
  void check(MessageDigest digest, boolean digestsMarks) throws IOException {
    if (shared != null && digestsMarks) {
      sums = new int[Math.toIntExact(Math.ceilDiv(bytes, PIECE))];
      SharedTransfers.run(THREADS, marks.length, this::check);
      for (long mark : marks) {
        digest.update(StateFormat.bytes(mark));
      }
      return;
    }
    for (int number = 0; number < marks.length; number++) {
      fetch(number);
      marks[number] = mark();
      if (digestsMarks) {
        digest.update(StateFormat.bytes(marks[number]));
      } else {
        digest.update(block, 0, length(number));
      }
    }
  }

  private void check(int number, MemorySegment buffer) throws IOException {
    CRC32 first = new CRC32();
    CRC32C second = new CRC32C();
    long from = (long) number * BLOCK;
    for (long at = from; at < from + length(number); at += PIECE) {
      ByteBuffer piece = piece(at, buffer).asByteBuffer();
      first.update(piece);
      second.update(piece.rewind());
      sums[(int) (at / PIECE)] = (int) second.getValue();
    }
    marks[number] = StateFormat.mark(first, second);
  }

  private MemorySegment piece(long at, MemorySegment buffer) throws IOException {
    MemorySegment piece = buffer.asSlice(0, Math.min(PIECE, bytes - at));
    shared.read(start + at, piece.asByteBuffer());
    return piece;
  }

  /** Whether {@link #load} can be used. */
  boolean sharesLoading() {
    return sums != null;
  }

  /**
   * Loads tensors into memory of this process, with several threads. Until something is loaded, each piece is checked before it
   * goes there. From then on a file that was overwritten leaves the state undefined in any case, and pieces are read to where they
   * belong and checked there, which saves a copy.
   *
   * @param targets where tensors go that are not converted
   * @param onLoad called before anything is written
   * @throws StateFileException if the file was overwritten since it was checked
   */
  void load(HostTensors targets, Runnable onLoad) throws IOException {
    AtomicBoolean begun = new AtomicBoolean();
    SharedTransfers.run(THREADS, marks.length, (number, buffer) -> {
      long from = (long) number * BLOCK;
      long end = from + length(number);
      if (!targets.reach(from, length(number))) {
        return;
      }
      CRC32C sum = new CRC32C();
      for (long at = from; at < end; at += PIECE) {
        MemorySegment place = begun.get() ? targets.whole(at, Math.min(PIECE, bytes - at)) : null;
        MemorySegment piece = piece(at, place == null ? buffer : place);
        sum.update(piece.asByteBuffer());
        if ((int) sum.getValue() != sums[(int) (at / PIECE)]) {
          throw overwritten(start + at);
        }
        if (place == null) {
          onLoad.run();
          begun.set(true);
          targets.scatter(piece, at);
        }
      }
    });
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
      if (mark() != marks[number]) {
        current = -1;
        throw overwritten(position(number));
      }
    }
  }

  private static StateFileException overwritten(long position) {
    return new StateFileException("the file was overwritten while it was restored: other bytes than before from byte "
        + position + " on; restore again when nothing writes it");
  }

  private long mark() {
    return StateFormat.mark(block, length(current));
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
