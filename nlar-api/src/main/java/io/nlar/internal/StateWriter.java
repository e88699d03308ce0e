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
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** Writes a step's state as a {@linkplain StateFormat state file}, in bounded memory. */
final class StateWriter {
  private static final int HEADER_CHUNK = 1 << 18;
  /** So many blocks are written before threads have begun. */
  private static final long FEW = 4;
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
   * @param force is told what is written of the tensors
   * @throws StateFileException if it could not be read again: names, settings or counters are beyond the format's limits
   */
  void writeTo(RandomAccessFile file, EarlyForce force) throws IOException {
    MessageDigest digest = StateFormat.digest();
    long start = writeHeader(file::write, digest);
    HostTensors memory = plan.stateBytes() > FEW * StateFormat.BLOCK ? hostMemory() : null;
    if (memory == null) {
      writeTensors((source, offset, count) -> {
        file.write(source, offset, count);
        force.written(count);
      }, digest);
    } else {
      writeTensors(memory, file.getChannel(), start, force, digest);
    }
    file.seek(DIGEST_AT);
    file.write(digits(digest));
  }

  /**
   * Writes everything to a stream, which cannot go back to where the checksum is: goes over the state twice.
   *
   * @throws StateFileException as {@link #writeTo(RandomAccessFile, EarlyForce)}
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
    MessageDigest digest = StateFormat.digest();
    writeHeader(sink, digest);
    writeTensors(sink, digest);
    return digits(digest);
  }

  /**
   * Writes what stands before the tensors.
   *
   * @return how many bytes that is
   */
  private long writeHeader(Sink sink, MessageDigest digest) throws IOException {
    HostBlock control = new HostBlock(engine.control());
    control.load();
    StateHeaderText header =
        new StateHeaderText(plan, control.get(Control.APPLIED), control.get(Control.SKIPPED));
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
    return Long.BYTES + header.length();
  }

  private static byte[] digits(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest()).getBytes(StandardCharsets.US_ASCII);
  }

  /** All state tensors, in the file's order. */
  private List<EngineBuffer> tensors() {
    List<EngineBuffer> tensors = new ArrayList<>();
    for (TensorPlan tensor : plan.tensors()) {
      for (SlotPlan slot : plan.groupOf(tensor).allSlots()) {
        tensors.add(engine.state(tensor.index(), slot.slot()));
      }
    }
    return tensors;
  }

  private void writeTensors(Sink sink, MessageDigest digest) throws IOException {
    Blocks blocks = new Blocks(sink, digest, plan.stateBytes());
    for (EngineBuffer tensor : tensors()) {
      blocks.write(tensor);
    }
    blocks.end();
  }

  /** The tensors where all are memory of this process; else null. */
  private HostTensors hostMemory() {
    List<HostTensors.Span> spans = new ArrayList<>();
    long offset = 0;
    for (EngineBuffer tensor : tensors()) {
      MemorySegment memory = tensor.hostMemory();
      if (memory == null) {
        return null;
      }
      spans.add(new HostTensors.Span(offset, memory));
      offset += memory.byteSize();
    }
    return new HostTensors(spans);
  }

  /** Writes tensors from this process's memory, with several threads: as they lie there, or gathered where they are small. */
  private void writeTensors(HostTensors memory, FileChannel channel, long start, EarlyForce force, MessageDigest digest)
      throws IOException {
    long bytes = plan.stateBytes();
    long[] marks = new long[Math.toIntExact(Math.ceilDiv(bytes, StateFormat.BLOCK))];
    SharedTransfers.run("nlar-save", marks.length, (number, buffer) -> {
      CRC32 first = new CRC32();
      CRC32C second = new CRC32C();
      long from = (long) number * StateFormat.BLOCK;
      long end = Math.min(from + StateFormat.BLOCK, bytes);
      for (long at = from; at < end; at += SharedTransfers.PIECE) {
        long length = Math.min(SharedTransfers.PIECE, end - at);
        MemorySegment piece = memory.whole(at, length);
        if (piece == null) {
          piece = buffer.asSlice(0, length);
          memory.gather(piece, at);
        }
        ByteBuffer source = piece.asByteBuffer();
        first.update(source);
        second.update(source.rewind());
        source.rewind();
        for (long next = start + at; source.hasRemaining(); ) {
          next += channel.write(source, next);
        }
      }
      marks[number] = StateFormat.mark(first, second);
      force.written(end - from);
    });
    for (long mark : marks) {
      digest.update(StateFormat.bytes(mark));
    }
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
