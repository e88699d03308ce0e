package io.nlar.testkit.contract;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.DType;
import io.nlar.testkit.HostValues;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/** A state file in memory: taken apart independently of the reader, changed, and given a right checksum again. */
public record StateFileBytes(byte[] header, byte[] data) {
  /** Where the digits of the checksum lie in the header. */
  private static final int DIGEST = "{\"__metadata__\":{\"nlar.sha256\":\"".length();
  private static final int DIGITS = 64;
  private static final int BLOCK = 1 << 20;
  private static final String BEFORE = "nlar-state-1";

  /** Takes a whole file apart. */
  public static StateFileBytes of(byte[] file) {
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return new StateFileBytes(Arrays.copyOfRange(file, Long.BYTES, Long.BYTES + length),
        Arrays.copyOfRange(file, Long.BYTES + length, file.length));
  }

  /** The header as a text. */
  public String text() {
    return new String(header, StandardCharsets.UTF_8);
  }

  /** This file with another header. */
  public StateFileBytes withText(String text) {
    return new StateFileBytes(text.getBytes(StandardCharsets.UTF_8), data);
  }

  /** The whole file, with a right checksum where the header has a place for it. */
  public byte[] file() {
    byte[] file = ByteBuffer.allocate(Long.BYTES + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length).put(header).put(data).array();
    int at = Long.BYTES + DIGEST;
    if (header.length >= DIGEST + DIGITS) {
      Arrays.fill(file, at, at + DIGITS, (byte) '0');
      byte[] digest = HexFormat.of().formatHex(sha256(text().contains(BEFORE) ? file : covered(file)))
          .getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(digest, 0, file, at, DIGITS);
    }
    return file;
  }

  /** This file as versions wrote it whose checksum covered the tensors themselves. */
  public StateFileBytes inTheFormatBefore() {
    return withText(text().replace("nlar-state-2", BEFORE));
  }

  /** What the checksum covers: length and header, and of each MiB of the tensors its CRC-32 and CRC-32C. */
  private byte[] covered(byte[] file) {
    int blocks = Math.ceilDiv(data.length, BLOCK);
    ByteBuffer covered = ByteBuffer.allocate(Long.BYTES + header.length + blocks * Long.BYTES);
    covered.put(file, 0, Long.BYTES + header.length);
    for (int at = 0; at < data.length; at += BLOCK) {
      for (Checksum sum : new Checksum[] {new CRC32(), new CRC32C()}) {
        sum.update(data, at, Math.min(BLOCK, data.length - at));
        covered.putInt((int) sum.getValue());
      }
    }
    return covered.array();
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** A field of the metadata. */
  public String metadata(String key) throws IOException {
    return (String) ((Map<?, ?>) JSON.std.mapFrom(text()).get("__metadata__")).get(key);
  }

  /** A stored tensor by its name, {@code parameter/slot}; null where there is none. */
  public double[] tensor(String key) throws IOException {
    Map<?, ?> entry = (Map<?, ?>) JSON.std.mapFrom(text()).get(key);
    if (entry == null) {
      return null;
    }
    List<?> offsets = (List<?>) entry.get("data_offsets");
    int from = ((Number) offsets.get(0)).intValue();
    int to = ((Number) offsets.get(1)).intValue();
    return HostValues.read(MemorySegment.ofArray(Arrays.copyOfRange(data, from, to)),
        entry.get("dtype").equals("F32") ? DType.FLOAT32 : DType.FLOAT64);
  }
}
