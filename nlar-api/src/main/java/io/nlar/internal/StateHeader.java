package io.nlar.internal;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.StateFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parsed header of a state file.
 *
 * @param applied the step counter
 * @param skipped the counter of skipped steps
 * @param digest the file's SHA-256 in hexadecimal
 * @param settings of every parameter, by name
 * @param tensors every stored tensor, by key
 * @param dataBytes how many bytes of tensors follow the header
 */
record StateHeader(long applied, long skipped, String digest, Map<String, Map<String, String>> settings,
    Map<String, Stored> tensors, long dataBytes) {

  /** A stored tensor: element type as the format names it, elements, and its bytes from {@code start} in the data. */
  record Stored(String dtype, long length, long start, long bytes) {}

  static StateHeader parse(byte[] json) {
    try {
      Map<String, Object> root = JSON.std.mapFrom(new String(json, StandardCharsets.UTF_8));
      Map<String, Object> metadata = object(root.remove(StateFormat.METADATA));
      expect(metadata, StateFormat.FORMAT, StateFormat.FORMAT_VALUE);
      expect(metadata, StateFormat.NUMERICS, StateFormat.NUMERICS_VALUE);
      String digest = (String) metadata.get(StateFormat.DIGEST);
      if (!digest.matches("[0-9a-f]{64}")) {
        throw new StateFileException("the header is corrupted: its checksum is '" + digest + "'");
      }
      Map<String, Stored> tensors = new LinkedHashMap<>();
      long end = 0;
      for (Map.Entry<String, Object> entry : root.entrySet()) {
        Stored stored = stored(entry.getKey(), object(entry.getValue()), end);
        tensors.put(entry.getKey(), stored);
        end = Math.addExact(end, stored.bytes);
      }
      return new StateHeader(Long.parseLong((String) metadata.get(StateFormat.APPLIED)),
          Long.parseLong((String) metadata.get(StateFormat.SKIPPED)), digest,
          settings((String) metadata.get(StateFormat.GROUPS)), tensors, end);
    } catch (IOException | ClassCastException | NullPointerException | ArithmeticException
        | IndexOutOfBoundsException | NumberFormatException e) {
      throw new StateFileException("the header is corrupted: " + e.getMessage(), e);
    }
  }

  private static void expect(Map<String, Object> metadata, String key, String value) {
    if (!value.equals(metadata.get(key))) {
      throw new StateFileException("not a state of this version of Nlar: " + key + " is '" + metadata.get(key)
          + "', expected '" + value + "'");
    }
  }

  private static Stored stored(String key, Map<String, Object> entry, long expectedStart) {
    long length = 1;
    for (Object dimension : (List<?>) entry.get(StateFormat.SHAPE)) {
      length = Math.multiplyExact(length, ((Number) dimension).longValue());
    }
    List<?> offsets = (List<?>) entry.get(StateFormat.OFFSETS);
    long start = ((Number) offsets.get(0)).longValue();
    long bytes = Math.subtractExact(((Number) offsets.get(1)).longValue(), start);
    if (start != expectedStart || bytes < 0 || length < 0) {
      throw new StateFileException("the header is corrupted: tensor '" + key + "' has shape " + entry.get("shape")
          + " and offsets " + offsets);
    }
    return new Stored((String) entry.get(StateFormat.DTYPE), length, start, bytes);
  }

  private static Map<String, Map<String, String>> settings(String groups) throws IOException {
    Map<String, Map<String, String>> settings = new HashMap<>();
    for (Object group : JSON.std.listFrom(groups)) {
      Map<String, String> config = new LinkedHashMap<>();
      object(object(group).get(StateFormat.CONFIG)).forEach((key, value) -> config.put(key, (String) value));
      for (Object name : (List<?>) object(group).get(StateFormat.PARAMETERS)) {
        settings.put((String) name, config);
      }
    }
    return settings;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }
}
