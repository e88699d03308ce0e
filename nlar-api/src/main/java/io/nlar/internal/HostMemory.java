package io.nlar.internal;

import io.nlar.BufferException;
import java.lang.foreign.MemorySegment;

/** Checks of host memory that a call copies from or to. */
public final class HostMemory {
  private HostMemory() {}

  /**
   * Checks that the calling thread can touch the memory.
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
   * Checks that the calling thread can write the memory.
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
