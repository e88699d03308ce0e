package io.nlar.internal;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.Control;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.spi.AbstractBuffer;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a step's state to a {@linkplain StateFormat state file}, in bounded memory. */
final class StateWriter {
  private final StepPlan plan;
  private final StepEngine engine;

  StateWriter(StepPlan plan, StepEngine engine) {
    this.plan = plan;
    this.engine = engine;
  }

  void write(Path file) throws IOException {
    byte[] header = padded(json());
    FileReplacement.write(file, channel -> writeTo(channel, header));
  }

  private void writeTo(FileChannel channel, byte[] header) throws IOException {
    MessageDigest digest = StateFormat.digest();
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length);
    put(channel, digest, length);
    put(channel, digest, ByteBuffer.wrap(header));
    for (TensorPlan tensor : plan.tensors()) {
      for (Slot slot : plan.groupOf(tensor).config().slots()) {
        AbstractBuffer state = engine.state(tensor.index(), slot);
        Pieces.<IOException>forEach(state, (piece, host, offset) -> {
          piece.copyTo(host);
          put(channel, digest, host.asByteBuffer());
        });
      }
    }
    byte[] hex = HexFormat.of().formatHex(digest.digest()).getBytes(StandardCharsets.US_ASCII);
    long position = Long.BYTES + indexOf(header, StateFormat.NO_DIGEST.getBytes(StandardCharsets.US_ASCII));
    for (ByteBuffer rest = ByteBuffer.wrap(hex); rest.hasRemaining(); ) {
      channel.write(rest, position + rest.position());
    }
  }

  private static void put(FileChannel channel, MessageDigest digest, ByteBuffer bytes) throws IOException {
    digest.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * A header padded with spaces to a multiple of 8, as the format asks.
   *
   * @throws StateFileException if it is longer than the format allows
   */
  static byte[] padded(byte[] json) {
    long length = Math.ceilDiv(json.length, 8) * 8L;
    if (length > StateFormat.LARGEST_HEADER) {
      throw new StateFileException("the names and settings of this step take a header of " + length
          + " bytes; the file format allows " + StateFormat.LARGEST_HEADER + ": use fewer or shorter names");
    }
    byte[] padded = Arrays.copyOf(json, (int) length);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  /** The header with zeros for the digest. */
  private byte[] json() throws IOException {
    HostBlock control = new HostBlock(engine.control());
    control.load();
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(StateFormat.DIGEST, StateFormat.NO_DIGEST);
    metadata.put(StateFormat.FORMAT, StateFormat.FORMAT_VALUE);
    metadata.put(StateFormat.NUMERICS, StateFormat.NUMERICS_VALUE);
    metadata.put(StateFormat.APPLIED, Long.toString((long) control.get(Control.APPLIED)));
    metadata.put(StateFormat.SKIPPED, Long.toString((long) control.get(Control.SKIPPED)));
    metadata.put(StateFormat.GROUPS, JSON.std.asString(groups()));
    Map<String, Object> header = new LinkedHashMap<>();
    header.put(StateFormat.METADATA, metadata);
    long offset = 0;
    for (TensorPlan tensor : plan.tensors()) {
      GroupPlan group = plan.groupOf(tensor);
      long bytes = tensor.length() * group.type().bytes();
      for (Slot slot : group.config().slots()) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put(StateFormat.DTYPE, StateFormat.dtype(group.type()));
        entry.put(StateFormat.SHAPE, List.of(tensor.length()));
        entry.put(StateFormat.OFFSETS, List.of(offset, offset + bytes));
        header.put(StateFormat.key(tensor.name(), slot), entry);
        offset += bytes;
      }
    }
    return JSON.std.asBytes(header);
  }

  private List<Map<String, Object>> groups() {
    List<Map<String, Object>> groups = new ArrayList<>();
    for (GroupPlan group : plan.groups()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put(StateFormat.CONFIG, ConfigMap.of(group.config()));
      entry.put(StateFormat.PARAMETERS, new ArrayList<String>());
      groups.add(entry);
    }
    for (TensorPlan tensor : plan.tensors()) {
      @SuppressWarnings("unchecked")
      List<String> names = (List<String>) groups.get(tensor.group()).get(StateFormat.PARAMETERS);
      names.add(tensor.name());
    }
    return groups;
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i + part.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new AssertionError("the header holds no place for the digest");
  }
}
