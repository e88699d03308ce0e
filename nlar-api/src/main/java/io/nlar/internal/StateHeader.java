package io.nlar.internal;

import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.spi.TensorPlan;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The header of a state file, read in one pass and checked field by field. Kept is only what the step has too, so that
 * the memory does not grow with the file.
 */
final class StateHeader {
  /** Longest text that is neither a name nor a list of groups: a setting, a counter, the digest. */
  private static final int LONGEST_VALUE = 1000;
  /** Settings of a group; there are 16 at most. */
  private static final int MOST_SETTINGS = 64;
  private static final int LONGEST_KEY = StateFormat.LONGEST_NAME + 10;

  private final Map<String, TensorPlan> known;
  private final StoredParameter[] parameters;
  private final UnknownNames unknownParameters = new UnknownNames();
  private final UnknownNames unknownTensors = new UnknownNames();
  /** What is being read, for messages. */
  private String part = "its beginning";
  private int count;
  private String digest;
  private boolean digestsMarks;
  private long applied;
  private long skipped;
  private long dataBytes;

  /** A stored tensor: element type, elements, and its bytes from {@code start} in the data. */
  record Stored(DType type, long length, long start, long bytes) {}

  /**
   * What the file has for one parameter of the step: its settings, and tensors by slot, null where it has none.
   *
   * @param offset the number of its first element in the whole tensor
   * @param whole the whole tensor's length; −1 where the parameter is no part
   */
  record StoredParameter(Map<String, String> settings, long offset, long whole, Stored[] tensors) {
    Stored tensor(Slot slot) {
      return tensors[slot.ordinal()];
    }

    /** The whole tensor's length, as a tensor of its elements says it. */
    long whole(Stored elements) {
      return whole < 0 ? elements.length : whole;
    }
  }

  private StateHeader(Map<String, TensorPlan> known) {
    this.known = known;
    this.parameters = new StoredParameter[known.size()];
  }

  /**
   * Reads a header up to the end of the stream.
   *
   * @param known the step's parameters by name
   * @throws StateFileException if it is not exactly as a state file's header is; says which field is wrong
   */
  static StateHeader read(InputStream json, Map<String, TensorPlan> known) throws IOException {
    StateHeader header = new StateHeader(known);
    try {
      header.root(new JsonInput("the header", characters(json)));
      return header;
    } catch (StateFileException e) {
      throw new StateFileException("the header cannot be read: " + header.part + ": " + e.getMessage(), e);
    } catch (CharacterCodingException e) {
      throw new StateFileException("the header cannot be read: " + header.part + ": it is not UTF-8", e);
    }
  }

  /** Characters of UTF-8; what is malformed is refused. */
  private static JsonInput.Chars characters(InputStream json) {
    Reader reader = new InputStreamReader(json, StandardCharsets.UTF_8.newDecoder());
    char[] buffer = new char[1 << 13];
    int[] range = {0, 0};
    return () -> {
      if (range[0] == range[1]) {
        range[0] = 0;
        range[1] = reader.read(buffer, 0, buffer.length);
        if (range[1] < 0) {
          return -1;
        }
      }
      return buffer[range[0]++];
    };
  }

  private void root(JsonInput json) throws IOException {
    json.object(LONGEST_KEY, key -> {
      if (digest == null) {
        part = StateFormat.METADATA;
        check(key.equals(StateFormat.METADATA), "expected first, found '%s'", StateFormat.shortened(key));
        metadata(json);
      } else {
        tensor(json, key);
      }
    });
    part = "its end";
    json.end();
    check(digest != null, "%s is missing", StateFormat.METADATA);
    part = "parameters that the step has not";
    check(!unknownParameters.repeated(), "two have the same name");
    part = "tensors that the step has not";
    check(!unknownTensors.repeated(), "two have the same name");
  }

  private void metadata(JsonInput json) throws IOException {
    Set<String> found = new HashSet<>();
    json.object(LONGEST_VALUE, key -> {
      part = key;
      check(found.add(key), "it comes twice");
      switch (key) {
        case StateFormat.DIGEST -> {
          digest = json.text(LONGEST_VALUE);
          check(digest.matches("[0-9a-f]{64}"), "expected 64 hexadecimal digits, found '%s'", digest);
        }
        case StateFormat.FORMAT -> {
          String format = json.text(LONGEST_VALUE);
          digestsMarks = !format.equals(StateFormat.FORMAT_BEFORE);
          if (digestsMarks && !format.equals(StateFormat.FORMAT_OF_PARTS)) {
            version(format, StateFormat.FORMAT_VALUE);
          }
        }
        case StateFormat.NUMERICS -> version(json.text(LONGEST_VALUE), StateFormat.NUMERICS_VALUE);
        case StateFormat.APPLIED -> applied = counter(json.text(LONGEST_VALUE));
        case StateFormat.SKIPPED -> skipped = counter(json.text(LONGEST_VALUE));
        case StateFormat.GROUPS -> {
          JsonInput groups = json.nested(StateFormat.GROUPS);
          groups.array(() -> group(groups));
          groups.end();
        }
        default -> throw new StateFileException("a state has no such field");
      }
    });
    for (String key : StateFormat.FIELDS) {
      part = key;
      check(found.contains(key), "it is missing in %s", StateFormat.METADATA);
    }
  }

  private static void version(String found, String expected) {
    check(found.equals(expected), "another version of Nlar wrote it: '%s', this one reads '%s'", found, expected);
  }

  private static long counter(String text) {
    check(text.matches("0|[1-9][0-9]{0,15}") && Long.parseLong(text) <= StateFormat.LARGEST_COUNTER,
        "expected a whole number from 0 to 2^53, found '%s'", text);
    return Long.parseLong(text);
  }

  private void group(JsonInput json) throws IOException {
    Map<String, String> settings = new HashMap<>();
    Set<String> found = new HashSet<>();
    json.object(LONGEST_VALUE, key -> {
      part = StateFormat.GROUPS + ", " + key;
      check(found.add(key), "it comes twice");
      switch (key) {
        case StateFormat.CONFIG -> json.object(LONGEST_VALUE, setting -> {
          part = StateFormat.GROUPS + ", setting '" + setting + "'";
          check(settings.put(setting, json.text(LONGEST_VALUE)) == null, "it comes twice");
          check(settings.size() <= MOST_SETTINGS, "a group has no more than %s settings", MOST_SETTINGS);
        });
        case StateFormat.PARAMETERS -> {
          check(found.contains(StateFormat.CONFIG), "the group's %s must come first", StateFormat.CONFIG);
          check(found.size() == 2, "a group has %s or %s", StateFormat.PARAMETERS, StateFormat.PARTS);
          json.array(() -> parameter(json.text(StateFormat.LONGEST_NAME), 0, -1, settings));
        }
        case StateFormat.PARTS -> {
          check(found.contains(StateFormat.CONFIG), "the group's %s must come first", StateFormat.CONFIG);
          check(found.size() == 2, "a group has %s or %s", StateFormat.PARAMETERS, StateFormat.PARTS);
          json.array(() -> part(json, settings));
        }
        default -> throw new StateFileException("a group has no such field");
      }
    });
    part = StateFormat.GROUPS;
    check(found.size() == 2, "a group without %s", StateFormat.PARAMETERS);
  }

  private void part(JsonInput json, Map<String, String> settings) throws IOException {
    String[] name = new String[1];
    long[] numbers = new long[2];
    int[] next = new int[1];
    json.array(() -> {
      check(next[0] < 3, "a part has more than a name and two numbers");
      if (next[0] == 0) {
        name[0] = json.text(StateFormat.LONGEST_NAME);
      } else {
        numbers[next[0] - 1] = json.number();
      }
      next[0]++;
    });
    check(next[0] == 3, "a part is a name and two numbers, not %s of these", next[0]);
    check(numbers[0] <= numbers[1], "the part of '%s' begins at element %s of %s", StateFormat.shortened(name[0]), numbers[0],
        numbers[1]);
    parameter(name[0], numbers[0], numbers[1], settings);
  }

  private void parameter(String name, long offset, long whole, Map<String, String> settings) {
    check(++count <= StateFormat.MOST_PARAMETERS, "more than %s", StateFormat.MOST_PARAMETERS);
    TensorPlan tensor = known.get(name);
    if (tensor == null) {
      unknownParameters.add(name);
      return;
    }
    check(parameters[tensor.index()] == null, "parameter '%s' comes twice", StateFormat.shortened(name));
    parameters[tensor.index()] = new StoredParameter(settings, offset, whole, new Stored[Slot.values().length]);
  }

  private void tensor(JsonInput json, String key) throws IOException {
    part = "tensor '" + StateFormat.shortened(key) + "'";
    check(!key.equals(StateFormat.METADATA), "it comes twice");
    Stored stored = stored(json);
    dataBytes = stored.start + stored.bytes;
    int slash = key.lastIndexOf('/');
    TensorPlan tensor = slash < 0 ? null : known.get(key.substring(0, slash));
    Slot slot = slot(key.substring(slash + 1));
    if (tensor == null || slot == null) {
      unknownTensors.add(key);
      return;
    }
    StoredParameter parameter = parameters[tensor.index()];
    check(parameter != null, "no group has its parameter");
    check(parameter.tensor(slot) == null, "it comes twice");
    check(parameter.whole < 0 || slot.perParameter() || stored.length <= parameter.whole - parameter.offset,
        "%s elements from element %s on are more than the %s of the whole", stored.length, parameter.offset, parameter.whole);
    parameter.tensors[slot.ordinal()] = stored;
  }

  private static Slot slot(String label) {
    for (Slot slot : Slot.values()) {
      if (slot.label().equals(label)) {
        return slot;
      }
    }
    return null;
  }

  private Stored stored(JsonInput json) throws IOException {
    Entry entry = new Entry();
    String tensor = part;
    json.object(LONGEST_VALUE, key -> {
      part = tensor + ", " + key;
      switch (key) {
        case StateFormat.DTYPE -> {
          check(entry.type == null, "it comes twice");
          String dtype = json.text(LONGEST_VALUE);
          entry.type = StateFormat.type(dtype);
          check(entry.type != null, "expected %s, found '%s'",
              Arrays.stream(DType.values()).map(StateFormat::dtype).collect(Collectors.joining(" or ")), dtype);
        }
        case StateFormat.SHAPE -> {
          check(entry.length < 0, "it comes twice");
          entry.length = 1;
          json.array(() -> entry.multiply(json.number()));
        }
        case StateFormat.OFFSETS -> {
          check(entry.offsets == 0, "it comes twice");
          json.array(() -> entry.offset(json.number()));
          check(entry.offsets == 2, "expected two offsets, found %s", entry.offsets);
          check(entry.start == dataBytes, "it begins at %s, but the tensor before ends at %s", entry.start, dataBytes);
        }
        default -> throw new StateFileException("a tensor has no such field");
      }
    });
    part = tensor;
    check(entry.type != null, "it has no %s", StateFormat.DTYPE);
    check(entry.length >= 0, "it has no %s", StateFormat.SHAPE);
    check(entry.offsets > 0, "it has no %s", StateFormat.OFFSETS);
    long bytes = entry.end - entry.start;
    check(bytes >= 0 && bytes % entry.type.bytes() == 0 && bytes / entry.type.bytes() == entry.length,
        "%s elements of %s bytes do not take the bytes from %s to %s", entry.length, entry.type.bytes(), entry.start,
        entry.end);
    return new Stored(entry.type, entry.length, entry.start, bytes);
  }

  /** The fields of a tensor so far. */
  private static final class Entry {
    private DType type;
    private long length = -1;
    private int offsets;
    private long start;
    private long end;

    private void multiply(long dimension) {
      check(Math.multiplyHigh(length, dimension) == 0 && length * dimension >= 0, "it has more than 2^63 elements");
      length *= dimension;
    }

    private void offset(long offset) {
      if (offsets < 2) {
        start = offsets == 0 ? offset : start;
        end = offset;
      }
      offsets++;
    }
  }

  private static void check(boolean right, String message, Object... values) {
    if (!right) {
      throw new StateFileException(message.formatted(values));
    }
  }

  /** The step counter. */
  long applied() {
    return applied;
  }

  /** The counter of skipped steps. */
  long skipped() {
    return skipped;
  }

  /** The file's SHA-256 in hexadecimal. */
  String digest() {
    return digest;
  }

  /** Whether the digest covers marks of the tensors; else, in the format before, the tensors. */
  boolean digestsMarks() {
    return digestsMarks;
  }

  /** What the file has for a parameter of the step; null: nothing. */
  StoredParameter parameter(TensorPlan tensor) {
    return parameters[tensor.index()];
  }

  /** Parameters of the file that the step has not. */
  UnknownNames unknownParameters() {
    return unknownParameters;
  }

  /** Tensors of the file that belong to no parameter of the step, or are none that a step keeps. */
  UnknownNames unknownTensors() {
    return unknownTensors;
  }

  /** How many bytes of tensors follow the header. */
  long dataBytes() {
    return dataBytes;
  }
}
