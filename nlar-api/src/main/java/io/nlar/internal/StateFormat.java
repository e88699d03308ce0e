package io.nlar.internal;

import io.nlar.DType;
import io.nlar.Slot;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * The names inside a state file, which is a safetensors container: 8 bytes of header length (little-endian), a JSON
 * header, then the tensors one after the other. A tensor is named {@code parameter/slot}. The metadata holds a SHA-256, the
 * format, the version of the numerics, the step counter, and, as a JSON text of its own, the settings and parameters of every
 * group.
 *
 * <p>The SHA-256 covers the header's length and the header, with the digest's own 64 digits taken as zeros, and then the
 * {@linkplain #mark mark} of each MiB of the tensors, 8 bytes big-endian; in the format before it covered the tensors
 * themselves.
 *
 * <p>What writer and reader share are the limits: neither takes more than the other.
 */
final class StateFormat {
  static final String METADATA = "__metadata__";
  static final String FORMAT = "nlar.format";
  static final String FORMAT_VALUE = "nlar-state-2";
  /** Has parts of tensors, which were not known before; said where there are some. */
  static final String FORMAT_OF_PARTS = "nlar-state-3";
  static final String FORMAT_BEFORE = "nlar-state-1";
  static final String NUMERICS = "nlar.numerics";
  /** Changes when docs/numerics.md changes what a step computes. */
  static final String NUMERICS_VALUE = "1";
  static final String APPLIED = "nlar.applied";
  static final String SKIPPED = "nlar.skipped";
  static final String GROUPS = "nlar.groups";
  static final String DIGEST = "nlar.sha256";
  /** All that the metadata has. */
  static final List<String> FIELDS = List.of(DIGEST, FORMAT, NUMERICS, APPLIED, SKIPPED, GROUPS);
  static final String NO_DIGEST = "0".repeat(64);
  static final String CONFIG = "config";
  static final String PARAMETERS = "parameters";
  /** In the place of a group's parameters: name, first element and whole length of each, where some are parts. */
  static final String PARTS = "parts";
  static final String DTYPE = "dtype";
  static final String SHAPE = "shape";
  static final String OFFSETS = "data_offsets";

  /** How every header begins: the digest is at a fixed place. */
  static final String START = "{\"" + METADATA + "\":{\"" + DIGEST + "\":\"";

  /** Bytes of a header; the limit that the safetensors format itself sets. */
  static final long LARGEST_HEADER = 100_000_000;
  /** Characters of a parameter's name. */
  static final int LONGEST_NAME = 1 << 16;
  /** Parameters of a step. */
  static final int MOST_PARAMETERS = 1 << 22;
  /** Of the counters: up to here a double, as which the device counts, holds every whole number. */
  static final long LARGEST_COUNTER = 1L << 53;

  /** Bytes of the tensors that have one mark. */
  static final int BLOCK = 1 << 20;

  private static final int LONGEST_SHOWN = 300;

  private StateFormat() {}

  static String key(String parameter, Slot slot) {
    return parameter + "/" + slot.label();
  }

  static String dtype(DType type) {
    return switch (type) {
      case FLOAT32 -> "F32";
      case FLOAT64 -> "F64";
      case BFLOAT16 -> "BF16";
      case FLOAT16 -> "F16";
      case UINT16 -> "U16";
    };
  }

  /** The type that the format calls so; null where a state has no such tensors. */
  static DType type(String dtype) {
    for (DType type : DType.values()) {
      if (dtype(type).equals(dtype)) {
        return type;
      }
    }
    return null;
  }

  /** A text as messages show it: names may be long. */
  static String shortened(String text) {
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
  }

  /** Two sums of 32 bits with different polynomials, which take less time than a copy of the bytes. */
  static long mark(byte[] block, int length) {
    CRC32 first = new CRC32();
    first.update(block, 0, length);
    CRC32C second = new CRC32C();
    second.update(block, 0, length);
    return mark(first, second);
  }

  /** The mark of a block that both have summed. */
  static long mark(CRC32 first, CRC32C second) {
    return first.getValue() << 32 | second.getValue();
  }

  /** A mark as the digest covers it. */
  static byte[] bytes(long mark) {
    return ByteBuffer.allocate(Long.BYTES).putLong(mark).array();
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
