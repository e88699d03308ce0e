package io.nlar.cpu;

import io.nlar.DeviceMemoryException;
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
 * against the JVM's limit for direct buffers, which has nothing to do with what the machine has.
 */
final class NativeMemory implements AutoCloseable {
  private static final long HUGE_PAGE = 2L << 20;
  private static final long PAGE = 4096;
  private static final int MADV_HUGEPAGE = 14;

  private static final AtomicLong HELD = new AtomicLong();

  private final MemorySegment block;
  private final MemorySegment memory;
  private boolean closed;

  private NativeMemory(MemorySegment block, MemorySegment memory) {
    this.block = block;
    this.memory = memory;
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
          + (module.isNamed() ? "module " + module.getName() : "class path") + "; start Java with --enable-native-access="
          + (module.isNamed() ? module.getName() : "ALL-UNNAMED"), denied);
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
    return new NativeMemory(block, memory);
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
      CLibrary.free(block);
    }
  }

  /** The functions of the C library; looked up when the first memory is allocated. */
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
