package io.nlar.opencl;

import io.nlar.spi.WholeProcess;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.Supplier;

/**
 * Keeps the JVM's signal handlers while a driver is loaded or compiles.
 *
 * <p>The JVM answers SIGSEGV many times a second (safepoints, null checks). LLVM, the compiler of PoCL and of other
 * drivers, puts handlers of its own in front of the JVM's the first time it is used, for one signal only: they give way to
 * the JVM's once one arrives. Where two threads get one at the same moment, the second finds no handler at all, and
 * the process ends without a word. LLVM does not ask whether its handlers are still there, so putting the JVM's back
 * after its first use is enough.
 *
 * <p>PoCL takes SIGFPE itself, for kernels that divide integers by zero: it skips the division, also one of Java's, which
 * then has a quotient instead of an exception. Nlar's kernels divide no integers by zero.
 */
final class SignalHandlers {
  static final int SIGNALS = 31;
  /** More than a {@code struct sigaction} takes anywhere. */
  static final long ACTION_BYTES = 256;

  /** Null where there is none. */
  private static final MethodHandle SIGACTION = find();

  private SignalHandlers() {}

  private static MethodHandle find() {
    try {
      Linker linker = Linker.nativeLinker();
      return linker.defaultLookup().find("sigaction")
          .map(function -> linker.downcallHandle(function, FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS)))
          .orElse(null);
    } catch (UnsupportedOperationException e) {
      // This JVM calls no native functions here.
      return null;
    }
  }

  /**
   * Does {@code work} and puts the handlers back as they were. Does only the work on systems without sigaction. One
   * thread of the process at a time: who looked while another's driver compiles would keep the driver's handlers.
   */
  static <T> T kept(Supplier<T> work) {
    return WholeProcess.alone(() -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment[] actions = new MemorySegment[SIGNALS + 1];
        for (int signal = 1; signal <= SIGNALS; signal++) {
          MemorySegment action = arena.allocate(ACTION_BYTES, Long.BYTES);
          actions[signal] = sigaction(signal, MemorySegment.NULL, action) ? action : null;
        }
        try {
          return work.get();
        } finally {
          for (int signal = 1; signal <= SIGNALS; signal++) {
            if (actions[signal] != null) {
              sigaction(signal, actions[signal], MemorySegment.NULL);
            }
          }
        }
      }
    });
  }

  /** The function of that name; whether it succeeded, which it does for no signal that does not exist. */
  static boolean sigaction(int signal, MemorySegment action, MemorySegment before) {
    try {
      return SIGACTION != null && (int) SIGACTION.invokeExact(signal, action, before) == 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
