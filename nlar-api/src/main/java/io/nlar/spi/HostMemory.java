package io.nlar.spi;

import io.nlar.BufferException;
import io.nlar.ClosedException;
import java.lang.foreign.MemorySegment;

/** Checks of host memory. */
public final class HostMemory {
  private HostMemory() {}

  /**
   * Checks that memory which a buffer or step works on in place is still there.
   *
   * @throws ClosedException if its arena was closed
   */
  public static void checkAlive(MemorySegment.Scope scope) {
    if (!scope.isAlive()) {
      throw new ClosedException("the arena of host memory that a value, gradient or other buffer wraps was closed; nothing"
          + " was changed. It must outlive the buffers and steps that use it, or other memory must be bound with rebind");
    }
  }

  /**
   * Checks that the calling thread can touch memory that it copies from or to.
   *
   * @throws BufferException if it was closed, or is bound to another thread
   */
  public static void checkAccess(MemorySegment host) {
    if (!host.scope().isAlive()) {
      throw new BufferException("the arena of the given host memory was closed; give living memory");
    }
    if (!host.isAccessibleBy(Thread.currentThread())) {
      throw new BufferException("the given host memory is of another thread's confined arena; copy on that thread, or"
          + " use Arena.ofShared(), Arena.ofAuto() or a heap segment");
    }
  }

  /**
   * Checks that the calling thread can write memory that it copies to.
   *
   * @throws BufferException as {@link #checkAccess}, and if it is read-only
   */
  public static void checkWritable(MemorySegment host) {
    checkAccess(host);
    if (host.isReadOnly()) {
      throw new BufferException("cannot copy into a read-only segment; give a writable one");
    }
  }
}
