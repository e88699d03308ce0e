package io.nlar.cuda.interpreter;

/**
 * The state spaces of PTX. Each has its own addresses; in the generic space, shared and local memory lie beyond all of the
 * device's.
 */
enum Space {
  GENERIC, GLOBAL, SHARED, LOCAL, PARAM;

  /** Where a thread block's shared memory, a thread's local memory and a kernel's parameters begin; never at 0. */
  static final long BASE = 4096;
  /** What a shared address is plus this, generically. */
  static final long SHARED_WINDOW = 1L << 60;
  /** What a local address is plus this, generically. */
  static final long LOCAL_WINDOW = 1L << 61;

  /** The space in which a generic address lies. */
  static Space of(long generic) {
    return generic >>> 60 == 1 ? SHARED : generic >>> 61 == 1 ? LOCAL : GLOBAL;
  }

  /** The address in this space of a generic one. */
  long local(long generic) {
    return this == SHARED ? generic - SHARED_WINDOW : this == LOCAL ? generic - LOCAL_WINDOW : generic;
  }
}
