package io.nlar.internal;

import io.nlar.Control;
import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.internal.StateHeader.Stored;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a {@linkplain StateFormat state file}: checks all of it first, then loads, in bounded memory. */
final class StateReader implements AutoCloseable {
  private static final int PIECE = 1 << 20;
  private static final int PROBLEMS_SHOWN = 12;

  private final Path file;
  private final FileChannel channel;
  private byte[] headerBytes;
  private StateHeader header;

  /** A stored tensor that belongs into a slot of the step. */
  record Source(TensorPlan tensor, Slot slot, Stored stored) {}

  private StateReader(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static StateReader open(Path file) throws IOException {
    StateReader reader = new StateReader(file, FileChannel.open(file, StandardOpenOption.READ));
    try {
      reader.readHeader();
      return reader;
    } catch (StateFileException e) {
      reader.close();
      throw new StateFileException("cannot restore from " + file + ": " + e.getMessage(), e);
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
  }

  private void readHeader() throws IOException {
    long size = channel.size();
    if (size < Long.BYTES) {
      throw new StateFileException("a file of " + size + " bytes is no state file (truncated?)");
    }
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(length, 0);
    long headerLength = length.getLong(0);
    if (headerLength < 2 || headerLength > StateFormat.LARGEST_HEADER || headerLength > size - Long.BYTES) {
      throw new StateFileException("a header of " + Long.toUnsignedString(headerLength) + " bytes in a file of " + size
          + " bytes: not a state file, truncated or corrupted");
    }
    headerBytes = new byte[(int) headerLength];
    readFully(ByteBuffer.wrap(headerBytes), Long.BYTES);
    header = StateHeader.parse(headerBytes);
    long expected = dataStart() + header.dataBytes();
    if (size != expected) {
      throw new StateFileException("the header describes a file of " + expected + " bytes, this one has " + size
          + (size < expected ? ": truncated" : ": something was appended"));
    }
  }

  private long dataStart() {
    return Long.BYTES + headerBytes.length;
  }

  private void readFully(ByteBuffer target, long position) throws IOException {
    while (target.hasRemaining()) {
      int read = channel.read(target, position);
      if (read < 0) {
        throw new EOFException("the state file " + file + " ends in mid-read; was it changed meanwhile?");
      }
      position += read;
    }
  }

  /**
   * Checks the digest and that file and step fit under {@code mode}.
   *
   * @return what is to be loaded
   */
  List<Source> verify(StepPlan plan, Restore mode) throws IOException {
    checkDigest();
    List<String> problems = new ArrayList<>();
    List<Source> sources = new ArrayList<>();
    Set<String> known = new HashSet<>();
    for (TensorPlan tensor : plan.tensors()) {
      known.add(tensor.name());
      Map<String, String> stored = header.settings().get(tensor.name());
      if (stored == null) {
        if (mode == Restore.STRICT) {
          problems.add("parameter '" + tensor.name() + "' is missing in the file");
        }
      } else {
        match(plan, tensor, stored, mode, problems, sources);
      }
    }
    if (mode == Restore.STRICT) {
      header.settings().keySet().stream().filter(name -> !known.contains(name)).sorted()
          .forEach(name -> problems.add("the file has a parameter '" + name + "' that the step has not"));
    }
    if (known.stream().noneMatch(header.settings()::containsKey)) {
      problems.addFirst("the file and the step have no parameter in common");
    }
    if (!problems.isEmpty()) {
      String more = problems.size() > PROBLEMS_SHOWN ? "; and " + (problems.size() - PROBLEMS_SHOWN) + " more" : "";
      throw new StateFileException("cannot restore from " + file + " (" + mode + "): "
          + String.join("; ", problems.subList(0, Math.min(PROBLEMS_SHOWN, problems.size()))) + more);
    }
    return sources;
  }

  private void match(StepPlan plan, TensorPlan tensor, Map<String, String> stored, Restore mode, List<String> problems,
      List<Source> sources) {
    GroupPlan group = plan.groupOf(tensor);
    Map<String, String> own = ConfigMap.of(group.config());
    for (String key : own.keySet()) {
      boolean compared = mode == Restore.STRICT || key.equals(ConfigMap.ESTIMATOR);
      if (compared && !own.get(key).equals(stored.get(key))) {
        problems.add("parameter '" + tensor.name() + "' was saved with " + key + " " + stored.get(key) + ", the step has "
            + own.get(key));
      }
    }
    for (Slot slot : Slot.values()) {
      String key = StateFormat.key(tensor.name(), slot);
      Stored data = header.tensors().get(key);
      boolean wanted = group.config().slots().contains(slot);
      if (wanted && data == null) {
        problems.add("tensor '" + key + "' is missing in the file");
      } else if (!wanted && data != null) {
        problems.add("the file has a tensor '" + key + "' that the step does not keep");
      } else if (wanted) {
        if (!data.dtype().equals(StateFormat.dtype(group.type()))) {
          problems.add("tensor '" + key + "' is " + data.dtype() + ", the step's is "
              + StateFormat.dtype(group.type()));
        } else if (data.length() != tensor.length() || data.bytes() != tensor.length() * group.type().bytes()) {
          problems.add("tensor '" + key + "' has " + data.length() + " elements, the step's has " + tensor.length());
        } else {
          sources.add(new Source(tensor, slot, data));
        }
      }
    }
  }

  private void checkDigest() throws IOException {
    MessageDigest digest = StateFormat.digest();
    digest.update(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, headerBytes.length));
    digest.update(new String(headerBytes, StandardCharsets.UTF_8)
        .replace(header.digest(), StateFormat.NO_DIGEST).getBytes(StandardCharsets.UTF_8));
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    long end = dataStart() + header.dataBytes();
    for (long position = dataStart(); position < end; position += PIECE) {
      piece.clear().limit((int) Math.min(PIECE, end - position));
      readFully(piece, position);
      digest.update(piece.flip());
    }
    String actual = HexFormat.of().formatHex(digest.digest());
    if (!actual.equals(header.digest())) {
      throw new StateFileException("cannot restore from " + file + ": the checksum does not match, the file is corrupted"
          + " (SHA-256 " + actual + ", expected " + header.digest() + ")");
    }
  }

  /** Loads what {@link #verify} returned, and the step counter. */
  void load(StepEngine engine, List<Source> sources) throws IOException {
    for (Source source : sources) {
      long start = dataStart() + source.stored.start();
      int bytes = engine.state(source.tensor.index(), source.slot).type().bytes();
      Pieces.<IOException>forEach(engine.state(source.tensor.index(), source.slot), (piece, host, offset) -> {
        readFully(host.asByteBuffer(), start + offset * bytes);
        piece.copyFrom(host);
      });
    }
    HostBlock control = new HostBlock(engine.control());
    control.load();
    control.set(Control.APPLIED, header.applied());
    control.set(Control.SKIPPED, header.skipped());
    control.set(Control.LAST_SKIPPED, 0);
    control.store();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
