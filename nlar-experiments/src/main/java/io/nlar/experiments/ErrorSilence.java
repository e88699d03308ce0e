package io.nlar.experiments;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** While it is open, nothing of the process reaches standard error. Does nothing where the C library lacks the calls. */
final class ErrorSilence implements AutoCloseable {
  private static final int STANDARD_ERROR = 2;
  private static final int WRITE_ONLY = 1;

  private final int kept;

  private ErrorSilence(int kept) {
    this.kept = kept;
  }

  static ErrorSilence begin() {
    try (Arena arena = Arena.ofConfined()) {
      int nowhere = call("open", arena.allocateFrom("/dev/null"), WRITE_ONLY);
      if (nowhere < 0) {
        return new ErrorSilence(-1);
      }
      int kept = call("dup", STANDARD_ERROR);
      if (kept >= 0) {
        call("dup2", nowhere, STANDARD_ERROR);
      }
      call("close", nowhere);
      return new ErrorSilence(kept);
    }
  }

  /** Calls an int function of the C library; −1 where there is none of that name. */
  private static int call(String name, Object... arguments) {
    try {
      Linker linker = Linker.nativeLinker();
      MemoryLayout[] types = Arrays.stream(arguments)
          .map(argument -> argument instanceof MemorySegment ? ADDRESS : (ValueLayout) JAVA_INT)
          .toArray(MemoryLayout[]::new);
      return (int) linker.downcallHandle(linker.defaultLookup().findOrThrow(name),
          FunctionDescriptor.of(JAVA_INT, types)).invokeWithArguments(arguments);
    } catch (Throwable unavailable) {
      return -1;
    }
  }

  @Override
  public void close() {
    if (kept >= 0) {
      call("dup2", kept, STANDARD_ERROR);
      call("close", kept);
    }
  }
}
