package io.nlar.internal;

import io.nlar.DType;
import io.nlar.Slot;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The names inside a state file, which is a safetensors container: 8 bytes of header length (little-endian), a JSON
 * header, then the tensors one after the other. A tensor is named {@code parameter/slot}. The metadata holds the format,
 * the version of the numerics, the step counter, the settings of every group, and a SHA-256 over the whole file with the
 * digest's own 64 digits taken as zeros.
 */
final class StateFormat {
  static final String METADATA = "__metadata__";
  static final String FORMAT = "nlar.format";
  static final String FORMAT_VALUE = "nlar-state-1";
  static final String NUMERICS = "nlar.numerics";
  /** Changes when docs/numerics.md changes what a step computes. */
  static final String NUMERICS_VALUE = "1";
  static final String APPLIED = "nlar.applied";
  static final String SKIPPED = "nlar.skipped";
  static final String GROUPS = "nlar.groups";
  static final String DIGEST = "nlar.sha256";
  static final String NO_DIGEST = "0".repeat(64);
  static final String CONFIG = "config";
  static final String PARAMETERS = "parameters";
  static final String DTYPE = "dtype";
  static final String SHAPE = "shape";
  static final String OFFSETS = "data_offsets";

  /** The limit that the safetensors format itself sets. */
  static final long LARGEST_HEADER = 100_000_000;

  private StateFormat() {}

  static String key(String parameter, Slot slot) {
    return parameter + "/" + slot.label();
  }

  static String dtype(DType type) {
    return type == DType.FLOAT32 ? "F32" : "F64";
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
