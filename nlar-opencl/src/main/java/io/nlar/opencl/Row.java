package io.nlar.opencl;

import java.util.LinkedHashMap;
import java.util.Map;

/** A row of a table that host and kernels share: 64-bit words, whose places the kernels are told by {@link Shared}. */
final class Row {
  private final String name;
  private final Map<String, Integer> words = new LinkedHashMap<>();
  private int length;

  /** A row without words yet. */
  Row(String name) {
    this.name = name;
  }

  /** The next word; returns its place. */
  int word(String word) {
    return words(word, 1);
  }

  /** The next {@code count} words under one name; returns the first one's place. */
  int words(String word, int count) {
    int first = length;
    words.put(word, first);
    length += count;
    return first;
  }

  /** Words of a row. */
  int length() {
    return length;
  }

  /** Each word's place as {@code NAME_WORD}, and the length as {@code NAME_ROW}. */
  Map<String, Integer> constants() {
    Map<String, Integer> constants = new LinkedHashMap<>();
    words.forEach((word, place) -> constants.put(name + "_" + word, place));
    constants.put(name + "_ROW", length);
    return constants;
  }
}
