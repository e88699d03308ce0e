package io.nlar.cpu;

import io.nlar.DeviceMemoryException;
import io.nlar.spi.NativeAccess;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Native memory of our own, zeroed, with pages of 2 MiB where the system gives them on advice.
 *
 * <p>From the C library and not from an {@code Arena}: that one writes every byte at once, on one thread, and counts
 * against the JVM's limit for direct buffers, which has nothing to do with what the machine has. Only small pieces, up to
 * {@value #MOST_OF_ARENAS} bytes in all, come from arenas: Java needs 60 ms for its first call of C, longer than a small
 * model's first step may take.
 */
final class NativeMemory implements AutoCloseable {
  private static final long HUGE_PAGE = 2L << 20;
  private static final long PAGE = 4096;
  private static final int MADV_HUGEPAGE = 14;

  private static final long MOST_OF_ARENAS = 4L << 20;

  private static final AtomicLong HELD = new AtomicLong();
  private static final AtomicLong HELD_BY_ARENAS = new AtomicLong();

  private final MemorySegment memory;
  private final Runnable release;
  private boolean closed;

  private NativeMemory(MemorySegment memory, Runnable release) {
    this.memory = memory;
    this.release = release;
  }

  /**
   * Tries whether this module may work on native memory.
   *
   * @throws IllegalCallerException if not; the message says what to do
   */
  static void checkAccess() {
    try {
      MemorySegment.NULL.reinterpret(0);
    } catch (IllegalCallerException denied) {
      Module module = NativeMemory.class.getModule();
      throw new IllegalCallerException("native access is denied to this JVM's "
          + (module.isNamed() ? "module " + module.getName() : "class path") + "; start Java with "
          + NativeAccess.option(NativeMemory.class), denied);
    }
  }

  /**
   * Allocates zeroed memory that starts at a page.
   *
   * @param what for the error message
   * @throws DeviceMemoryException if the machine does not have as much
   */
  static NativeMemory allocate(long bytes, String what) {
    long available = Machine.availableMemory();
    if (bytes > available) {
      throw new DeviceMemoryException(what + " takes " + bytes + " bytes, but of the " + Machine.memory()
          + " bytes of memory that this process may use only " + available + " are available");
    }
    NativeMemory small = ofArena(bytes);
    if (small != null) {
      return small;
    }
    long alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : PAGE;
    long whole = bytes + alignment;
    MemorySegment block = CLibrary.calloc(whole);
    if (block.address() == 0) {
      throw new DeviceMemoryException(what + " takes " + bytes + " bytes, and the system refused them; "
          + available + " bytes seemed to be available");
    }
    long start = (block.address() + alignment - 1) / alignment * alignment;
    MemorySegment memory = MemorySegment.ofAddress(start).reinterpret(bytes);
    if (alignment == HUGE_PAGE) {
      CLibrary.adviseHugePages(memory);
    }
    HELD.addAndGet(bytes);
    return new NativeMemory(memory, () -> CLibrary.free(block));
  }

  /** A small piece, as long as there are few; null otherwise, and where the JVM's limit for direct buffers is reached. */
  private static NativeMemory ofArena(long bytes) {
    if (bytes > MOST_OF_ARENAS) {
      return null;
    }
    if (HELD_BY_ARENAS.addAndGet(bytes) > MOST_OF_ARENAS) {
      HELD_BY_ARENAS.addAndGet(-bytes);
      return null;
    }
    Arena arena = Arena.ofShared();
    try {
      long start = arena.allocate(bytes, PAGE).address();
      HELD.addAndGet(bytes);
      return new NativeMemory(MemorySegment.ofAddress(start).reinterpret(bytes), () -> {
        HELD_BY_ARENAS.addAndGet(-bytes);
        arena.close();
      });
    } catch (OutOfMemoryError limit) {
      HELD_BY_ARENAS.addAndGet(-bytes);
      arena.close();
      return null;
    }
  }

  /** The memory; its scope is global, so nothing may use it after {@link #close}. */
  MemorySegment segment() {
    return memory;
  }

  long address() {
    return memory.address();
  }

  /** Bytes that are allocated and not freed, over all devices. */
  static long held() {
    return HELD.get();
  }

  /** Frees it. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      HELD.addAndGet(-memory.byteSize());
      release.run();
    }
  }

  /** The functions of the C library; looked up when memory is first taken from there. */
  private static final class CLibrary {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle CALLOC = LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow("calloc"),
        FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE = LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow("free"), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    private static final Optional<MethodHandle> MADVISE = System.getProperty("os.name").equals("Linux")
        ? LINKER.defaultLookup().find("madvise").map(address -> LINKER.downcallHandle(address,
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT)))
        : Optional.empty();

    static MemorySegment calloc(long bytes) {
      try {
        return (MemorySegment) CALLOC.invokeExact(1L, bytes);
      } catch (Throwable e) {
        throw new AssertionError("calloc does not throw", e);
      }
    }

    static void free(MemorySegment block) {
      try {
        FREE.invokeExact(block);
      } catch (Throwable e) {
        throw new AssertionError("free does not throw", e);
      }
    }

    /** Whole huge pages of the memory only; a system that knows none ignores the advice. */
    static void adviseHugePages(MemorySegment memory) {
      if (MADVISE.isPresent()) {
        try {
          int ignored = (int) MADVISE.get().invokeExact(memory, memory.byteSize() / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
        } catch (Throwable e) {
          throw new AssertionError("madvise does not throw", e);
        }
      }
    }
  }
}
