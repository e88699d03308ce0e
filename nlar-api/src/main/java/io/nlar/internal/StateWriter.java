package io.nlar.internal;

import io.nlar.Buffer;
import io.nlar.Control;
import io.nlar.StateFileException;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Writes a step's state as a {@linkplain StateFormat state file}, in bounded memory. */
final class StateWriter {
  private static final int HEADER_CHUNK = 1 << 18;
  private static final long DIGEST_AT = Long.BYTES + StateFormat.START.length();

  private final StepPlan plan;
  private final StepEngine engine;

  StateWriter(StepPlan plan, StepEngine engine) {
    this.plan = plan;
    this.engine = engine;
  }

  /** Takes what is written. */
  private interface Sink {
    void write(byte[] source, int offset, int count) throws IOException;
  }

  /**
   * Writes everything into an empty file.
   *
   * @throws StateFileException if it could not be read again: names, settings or counters are beyond the format's limits
   */
  void writeTo(RandomAccessFile file) throws IOException {
    byte[] digest = write(file::write);
    file.seek(DIGEST_AT);
    file.write(digest);
  }

  /**
   * Writes everything to a stream, which cannot go back to where the checksum is: goes over the state twice.
   *
   * @throws StateFileException as {@link #writeTo(RandomAccessFile)}
   */
  void writeTo(OutputStream out) throws IOException {
    byte[] digest = write((source, offset, count) -> { });
    long[] position = new long[1];
    write((source, offset, count) -> {
      for (int i = 0; i < digest.length; i++) {
        long place = DIGEST_AT + i - position[0];
        if (place >= 0 && place < count) {
          source[offset + (int) place] = digest[i]; // of the header's own copy, which has been digested
        }
      }
      out.write(source, offset, count);
      position[0] += count;
    });
    out.flush();
  }

  /** Writes everything, with zeros for the digits of the checksum, which it returns. */
  private byte[] write(Sink sink) throws IOException {
    HostBlock control = new HostBlock(engine.control());
    control.load();
    StateHeaderText header =
        new StateHeaderText(plan, control.get(Control.APPLIED), control.get(Control.SKIPPED));
    MessageDigest digest = StateFormat.digest();
    OutputStream out = new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] source, int offset, int count) throws IOException {
        digest.update(source, offset, count);
        sink.write(source, offset, count);
      }
    };
    out.write(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length()).array());
    OutputStream buffered = new BufferedOutputStream(out, HEADER_CHUNK);
    header.writeTo(buffered);
    buffered.flush();
    Blocks blocks = new Blocks(sink, digest, plan.stateBytes());
    for (TensorPlan tensor : plan.tensors()) {
      for (SlotPlan slot : plan.groupOf(tensor).allSlots()) {
        blocks.write(engine.state(tensor.index(), slot.slot()));
      }
    }
    blocks.end();
    return HexFormat.of().formatHex(digest.digest()).getBytes(StandardCharsets.US_ASCII);
  }

  /** The tensors on their way to the file, a block at a time. */
  private static final class Blocks {
    private final Sink sink;
    private final MessageDigest digest;
    private final byte[] block;
    private final MemorySegment memory;
    private int filled;

    Blocks(Sink sink, MessageDigest digest, long bytes) {
      this.sink = sink;
      this.digest = digest;
      this.block = new byte[(int) Math.min(StateFormat.BLOCK, bytes)];
      this.memory = MemorySegment.ofArray(block);
    }

    void write(EngineBuffer tensor) throws IOException {
      int bytes = tensor.type().bytes();
      for (long done = 0; done < tensor.length(); ) {
        int room = (block.length - filled) / bytes;
        if (room > 0) {
          int count = (int) Math.min(room, tensor.length() - done);
          copy(tensor, done, memory.asSlice(filled, (long) count * bytes));
          filled += count * bytes;
          done += count;
        } else {
          // An element that lies in two blocks, behind a tensor of smaller ones.
          byte[] element = new byte[bytes];
          copy(tensor, done, MemorySegment.ofArray(element));
          int first = block.length - filled;
          System.arraycopy(element, 0, block, filled, first);
          filled += first;
          flush();
          System.arraycopy(element, first, block, 0, bytes - first);
          filled = bytes - first;
          done++;
        }
        if (filled == block.length) {
          flush();
        }
      }
    }

    private static void copy(EngineBuffer tensor, long from, MemorySegment to) {
      try (Buffer piece = tensor.slice(from, to.byteSize() / tensor.type().bytes())) {
        piece.copyTo(to);
      }
    }

    private void flush() throws IOException {
      digest.update(StateFormat.bytes(StateFormat.mark(block, filled)));
      sink.write(block, 0, filled);
      filled = 0;
    }

    void end() throws IOException {
      if (filled > 0) {
        flush();
      }
    }
  }
}
