package io.nlar.cli;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/** What Java does not tell about its standard streams: which of them are terminals. Asks the C library. */
final class StandardStreams {
  /** File descriptor of standard output. */
  static final int OUTPUT = 1;
  /** File descriptor of standard error. */
  static final int ERROR = 2;

  private static final int POLLERR = 8;
  private static final int POLLHUP = 16;

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

  /** Whether a descriptor is a pipe or socket of which nobody reads the other end any more. */
  static boolean readerIsGone(int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      // struct pollfd {int fd; short events; short revents;}, of which the closed other end is told unasked.
      MemorySegment asked = arena.allocate(Integer.BYTES + 2 * Short.BYTES, Integer.BYTES);
      asked.set(JAVA_INT, 0, descriptor);
      Linker linker = Linker.nativeLinker();
      MethodHandle poll = linker.downcallHandle(linker.defaultLookup().findOrThrow("poll"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
      int answers = (int) poll.invokeExact(asked, 1L, 0);
      return answers == 1 && (asked.get(JAVA_SHORT, Integer.BYTES + Short.BYTES) & (POLLERR | POLLHUP)) != 0;
    } catch (Throwable unavailable) {
      return false;
    }
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
