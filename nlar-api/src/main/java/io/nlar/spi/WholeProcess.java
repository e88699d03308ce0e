package io.nlar.spi;

import java.util.function.Supplier;

/**
 * Work on what belongs to the whole process, such as signal handlers, one thread at a time: also where several class
 * loaders have a copy of Nlar each, which no lock in a static field could tell.
 */
public final class WholeProcess {
  /** All class loaders share interned strings, and nothing else that is not seen in the system's properties. */
  private static final Object LOCK = "io.nlar.spi.WholeProcess: one at a time".intern();

  private WholeProcess() {}

  /** Does {@code work} while no other thread does any such work, and returns its result. May be nested. */
  public static <T> T alone(Supplier<T> work) {
    synchronized (LOCK) {
      return work.get();
    }
  }
}
