package io.nlar.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** The conversions of storage.cuh, compiled for the host. Arrays of patterns; a word holds two elements of 16 bits. */
final class HostStorage {
  private final SymbolLookup library;

  HostStorage() {
    Path file = HostKernels.shared(Path.of("src/test/cpp/storage_on_host.cpp"));
    library = SymbolLookup.libraryLookup(file, Arena.global());
  }

  private Object call(String name, MemoryLayout result, Object... arguments) {
    MemoryLayout[] layouts = Arrays.stream(arguments).map(a -> switch (a) {
      case Integer i -> ValueLayout.JAVA_INT;
      case Long l -> ValueLayout.JAVA_LONG;
      default -> ValueLayout.ADDRESS;
    }).toArray(MemoryLayout[]::new);
    FunctionDescriptor type =
        result == null ? FunctionDescriptor.ofVoid(layouts) : FunctionDescriptor.of(result, layouts);
    try {
      return Linker.nativeLinker().downcallHandle(library.find(name).orElseThrow(), type, Linker.Option.critical(true))
          .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MemorySegment[] segments(int[]... arrays) {
    return Stream.of(arrays).map(MemorySegment::ofArray).toArray(MemorySegment[]::new);
  }

  /** K. */
  long key(long key, long t, long first) {
    return (long) call("storage_key", ValueLayout.JAVA_LONG, key, t, first);
  }

  /** Two elements' random bits. */
  int random(long roundingKey, long first) {
    return (int) call("storage_random", ValueLayout.JAVA_INT, roundingKey, first);
  }

  private int[] open(String name, int[] words) {
    int[] opened = new int[2 * words.length];
    MemorySegment[] s = segments(words, opened);
    call(name, null, s[0], s[1], words.length);
    return opened;
  }

  int[] openBfloat16(int[] words) {
    return open("storage_open_bfloat16", words);
  }

  int[] openFloat16(int[] words) {
    return open("storage_open_float16", words);
  }

  int[] join(int[] upper, int[] lower) {
    int[] opened = new int[2 * upper.length];
    MemorySegment[] s = segments(upper, lower, opened);
    call("storage_open_joined", null, s[0], s[1], s[2], upper.length);
    return opened;
  }

  int[] stochastic(int[] floats, int random, int multiplier) {
    int[] words = new int[floats.length / 2];
    MemorySegment[] s = segments(floats, words);
    call("storage_keep_stochastic", null, s[0], random, multiplier, s[1], words.length);
    return words;
  }

  /** Upper halves and lower ones. */
  int[][] split(int[] floats) {
    int[][] halves = new int[2][floats.length / 2];
    MemorySegment[] s = segments(floats, halves[0], halves[1]);
    call("storage_keep_split", null, s[0], s[1], s[2], floats.length / 2);
    return halves;
  }

  /** Words of float16, and masters. */
  int[][] float16(int[] floats) {
    int[][] kept = {new int[floats.length / 2], new int[floats.length]};
    MemorySegment[] s = segments(floats, kept[0], kept[1]);
    call("storage_keep_float16", null, s[0], s[1], s[2], floats.length / 2);
    return kept;
  }
}
