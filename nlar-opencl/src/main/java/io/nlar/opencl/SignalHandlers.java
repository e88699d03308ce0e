package io.nlar.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.locks.ReentrantLock;

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
final class SignalHandlers implements AutoCloseable {
  static final int SIGNALS = 31;
  /** More than a {@code struct sigaction} takes anywhere. */
  static final long ACTION_BYTES = 256;

  /** Null where there is none. */
  private static final MethodHandle SIGACTION = find();

  /** One at a time: who looked while another's driver compiles would keep the driver's handlers. */
  private static final ReentrantLock LOCK = new ReentrantLock();

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment[] actions = new MemorySegment[SIGNALS + 1];

  private SignalHandlers() {
    for (int signal = 1; signal <= SIGNALS; signal++) {
      actions[signal] = arena.allocate(ACTION_BYTES, Long.BYTES);
    }
  }

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

  /** Notes the handlers as they are; {@link #close} puts them back. Does nothing on systems without sigaction. */
  static SignalHandlers keep() {
    SignalHandlers kept = new SignalHandlers();
    LOCK.lock();
    for (int signal = 1; signal <= SIGNALS; signal++) {
      if (!sigaction(signal, MemorySegment.NULL, kept.actions[signal])) {
        kept.actions[signal] = null;
      }
    }
    return kept;
  }

  @Override
  public void close() {
    try {
      for (int signal = 1; signal <= SIGNALS; signal++) {
        if (actions[signal] != null) {
          sigaction(signal, actions[signal], MemorySegment.NULL);
        }
      }
      arena.close();
    } finally {
      LOCK.unlock();
    }
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
