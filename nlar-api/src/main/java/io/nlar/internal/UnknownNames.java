package io.nlar.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Names in a file that the step has not, however many: the first ones, their number, and whether one comes twice, in 8
 * bytes a name.
 */
final class UnknownNames {
  private static final int KEPT = 12;

  private final List<String> first = new ArrayList<>();
  private long[] hashes = new long[KEPT];
  private int count;

  void add(String name) {
    if (count < KEPT) {
      first.add(name);
    }
    if (count == hashes.length) {
      hashes = Arrays.copyOf(hashes, count + count / 2);
    }
    hashes[count++] = hash(name);
  }

  /** FNV-1a of 64 bits: two names of a million are taken for the same in one of 30 million files. */
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  int count() {
    return count;
  }

  /** The first few, in the file's order. */
  List<String> first() {
    return first;
  }

  /** Whether a name was added twice. */
  boolean repeated() {
    Arrays.sort(hashes, 0, count);
    for (int i = 1; i < count; i++) {
      if (hashes[i - 1] == hashes[i]) {
        return true;
      }
    }
    return false;
  }
}
