package io.nlar.internal;

import io.nlar.Buffer;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.internal.StateHeader.Stored;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.StepEngine;
import io.nlar.spi.TensorPlan;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Reads a {@linkplain StateFormat state file}: checks all of it first, then loads, in bounded memory. */
final class StateReader implements AutoCloseable {
  private final Object source;
  private final StateInput input;
  private final MessageDigest digest = StateFormat.digest();
  private StateHeader header;
  private StateBlocks blocks;
  private volatile boolean loading;

  /**
   * A stored tensor, or a part of one, that belongs into a slot of the step.
   *
   * @param at where in the slot its first element goes
   */
  record Source(TensorPlan tensor, Slot slot, Stored stored, long at) {}

  private StateReader(Object source, StateInput input) {
    this.source = source;
    this.input = input;
  }

  /**
   * Takes a state and checks that it is whole and undamaged, whatever step it fits; closes the input where it is not.
   *
   * @param source what messages call it, such as a file's path
   * @param known the step's parameters by name
   */
  static StateReader open(Object source, StateInput input, Map<String, TensorPlan> known) throws IOException {
    StateReader reader = new StateReader(source, input);
    try {
      reader.check(known);
      return reader;
    } catch (StateFileException e) {
      reader.close();
      throw reader.named(e);
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
  }

  private StateFileException named(StateFileException e) {
    return new StateFileException("cannot restore from " + source + ": " + e.getMessage(), e);
  }

  private void check(Map<String, TensorPlan> known) throws IOException {
    byte[] length = new byte[Long.BYTES];
    if (input.size() < length.length) {
      throw new StateFileException("a file of " + input.size() + " bytes is no state file (truncated?)");
    }
    input.read(0, length, 0, length.length);
    digest.update(length);
    long headerLength = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (headerLength < 2 || headerLength > StateFormat.LARGEST_HEADER || headerLength > input.size() - Long.BYTES) {
      throw new StateFileException("a header of " + Long.toUnsignedString(headerLength) + " bytes in a file of "
          + input.size() + " bytes: not a state file, truncated or corrupted");
    }
    header = StateHeader.read(header((int) headerLength), known);
    long start = Long.BYTES + headerLength;
    long bytes = input.size() - start;
    if (header.dataBytes() != bytes) {
      throw new StateFileException("the header describes " + header.dataBytes() + " bytes of tensors, the file has " + bytes
          + (bytes < header.dataBytes() ? ": truncated" : ": something was appended"));
    }
    blocks = new StateBlocks(input, start, bytes);
    blocks.check(digest, header.digestsMarks());
    String actual = HexFormat.of().formatHex(digest.digest());
    if (!actual.equals(header.digest())) {
      throw new StateFileException("the checksum does not match, the file is corrupted (SHA-256 " + actual
          + ", expected " + header.digest() + ")");
    }
  }

  /** The header as a stream. What is read of it goes into the digest, with zeros for the digest's own digits. */
  private InputStream header(int length) throws IOException {
    byte[] expected = StateFormat.START.getBytes(StandardCharsets.US_ASCII);
    byte[] start = new byte[Math.min(length, expected.length + StateFormat.NO_DIGEST.length())];
    input.read(Long.BYTES, start, 0, start.length);
    if (!Arrays.equals(start, 0, Math.min(start.length, expected.length), expected, 0, expected.length)) {
      throw new StateFileException("not a state of Nlar: the header does not begin with " + StateFormat.START);
    }
    digest.update(expected);
    digest.update(StateFormat.NO_DIGEST.getBytes(StandardCharsets.US_ASCII), 0, start.length - expected.length);
    return new SequenceInputStream(new ByteArrayInputStream(start), new InputStream() {
      private int position = start.length;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int wanted) throws IOException {
        int count = Math.min(wanted, length - position);
        if (count == 0) {
          return wanted == 0 ? 0 : -1;
        }
        input.read(Long.BYTES + position, target, offset, count);
        digest.update(target, offset, count);
        position += count;
        return count;
      }
    });
  }

  /** What messages call the file. */
  Object source() {
    return source;
  }

  StateHeader header() {
    return header;
  }

  /**
   * Loads tensors.
   *
   * @param sources in the file's order
   * @throws StateFileException if the file was overwritten since it was checked
   */
  void load(StepEngine engine, List<Source> sources) throws IOException {
    try {
      List<HostTensors.Span> targets = blocks.sharesLoading() ? targets(engine, sources) : List.of();
      if (targets.size() == sources.size()) {
        blocks.load(new HostTensors(targets), () -> loading = true);
      } else {
        loadInTurn(engine, sources);
      }
    } catch (StateFileException e) {
      throw named(e);
    }
  }

  /** Loads the step counter. */
  void loadCounters(StepEngine engine) {
    HostBlock control = new HostBlock(engine.control());
    control.load();
    control.set(Control.APPLIED, header.applied());
    control.set(Control.SKIPPED, header.skipped());
    control.set(Control.LAST_SKIPPED, 0);
    loading = true;
    control.store();
  }

  /** Where tensors go whose state is memory of this process, of the type that they have in the file. */
  private static List<HostTensors.Span> targets(StepEngine engine, List<Source> sources) {
    List<HostTensors.Span> targets = new ArrayList<>();
    for (Source source : sources) {
      EngineBuffer state = engine.state(source.tensor.index(), source.slot);
      MemorySegment memory = state.type() == source.stored.type() ? state.hostMemory() : null;
      if (memory != null) {
        targets.add(new HostTensors.Span(source.stored.start(),
            memory.asSlice(source.at * state.type().bytes(), source.stored.bytes())));
      }
    }
    return targets;
  }

  private void loadInTurn(StepEngine engine, List<Source> sources) throws IOException {
    for (Source source : sources) {
      EngineBuffer state = engine.state(source.tensor.index(), source.slot);
      DType from = source.stored.type();
      int bytes = from.bytes();
      blocks.read(source.stored.start(), source.stored.bytes(), bytes, (piece, offset) -> {
        MemorySegment converted = Conversion.of(piece, from, state.type());
        loading = true;
        try (Buffer part = state.slice(source.at + offset / bytes, piece.byteSize() / bytes)) {
          part.copyFrom(converted);
        }
      });
    }
  }

  /** Whether {@link #load} came so far that the state has changed. */
  boolean loading() {
    return loading;
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
