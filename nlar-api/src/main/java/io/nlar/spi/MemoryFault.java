package io.nlar.spi;

/**
 * Memory of a mapped file that is not there any more: the file was truncated, or its disk is full or gone. The JVM
 * reports it with an {@link InternalError}, most often, and not where it happened, but where the thread next pauses for
 * the JVM.
 */
public final class MemoryFault {
  private MemoryFault() {}

  /** Has the JVM report what this thread has met so far: throws the error, or returns where there was none. */
  public static void report() {
    Thread.yield();
  }

  /** The text of a failure, and where it is such a fault, what to do. */
  public static String describe(Throwable failure) {
    return failure instanceof InternalError
        ? failure + "; a mapped file that was wrapped is shorter now, or its disk is full or gone: keep files as long"
            + " as they are mapped"
        : failure.toString();
  }
}
