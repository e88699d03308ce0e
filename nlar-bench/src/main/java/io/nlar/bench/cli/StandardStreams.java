package io.nlar.bench.cli;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/** What Java does not tell about its standard streams: which of them are terminals. Asks the C library. */
final class StandardStreams {
  /** File descriptor of standard output. */
  static final int OUTPUT = 1;
  /** File descriptor of standard error. */
  static final int ERROR = 2;

  /** Descriptor under which the launcher keeps the real standard error. */
  private static final String KEPT_ERROR = "nlar.stderr";

  private StandardStreams() {}

  /**
   * Takes back the standard error that the launcher keeps for us while a filter stands before Java's first words.
   * Without the launcher this does nothing.
   */
  static void takeBackError() {
    Integer kept = Integer.getInteger(KEPT_ERROR);
    if (kept != null) {
      call("dup2", kept, ERROR);
      System.clearProperty(KEPT_ERROR);
    }
  }

  /** Whether a descriptor is a terminal; false where that cannot be told. */
  static boolean isTerminal(int descriptor) {
    return call("isatty", descriptor) == 1;
  }

  /** Calls an int function of the C library; −1 where there is none of that name. */
  private static int call(String name, Integer... arguments) {
    try {
      Linker linker = Linker.nativeLinker();
      var types = new MemoryLayout[arguments.length];
      Arrays.fill(types, JAVA_INT);
      MethodHandle handle = linker.downcallHandle(
          linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, types));
      return (int) handle.invokeWithArguments((Object[]) arguments);
    } catch (Throwable unavailable) {
      return -1;
    }
  }
}
