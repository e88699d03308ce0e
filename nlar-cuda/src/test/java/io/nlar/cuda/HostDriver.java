package io.nlar.cuda;

import io.nlar.BufferException;
import io.nlar.DeviceMemoryException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/** A driver whose device is the host: memory is the process's own, kernels are the same sources compiled for it. */
class HostDriver implements Driver {
  /** In which order thread blocks run: by jumps of this size, since a GPU promises no order. */
  private static final int STRIDE = 7;
  /** What fresh memory holds, so that nothing relies on zeros. */
  private static final byte GARBAGE = (byte) 0xCB;

  private final HostKernels kernels = HostKernels.load();
  private final TreeMap<Long, Long> allocations = new TreeMap<>();
  private final long memoryBytes;
  private long allocated;

  HostDriver(long memoryBytes) {
    this.memoryBytes = memoryBytes;
  }

  /** What is allocated now: sizes by address. */
  Map<Long, Long> allocations() {
    return allocations;
  }

  static MemorySegment at(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  @Override
  public long allocate(long bytes, String what) {
    if (bytes > memoryBytes - allocated) {
      throw new DeviceMemoryException("cannot allocate " + bytes + " bytes for " + what);
    }
    long address = kernels.allocate(bytes);
    at(address, bytes).fill(GARBAGE);
    allocations.put(address, bytes);
    allocated += bytes;
    return address;
  }

  @Override
  public void free(long address) {
    allocated -= allocations.remove(address);
    kernels.free(address);
  }

  @Override
  public void checkAddress(long address, long bytes) {
    // Any native memory of the process will do; an address below the first page is none.
    if (address < 4096) {
      throw new BufferException("no device memory at address 0x" + Long.toHexString(address));
    }
  }

  @Override
  public void zero(long address, long bytes) {
    at(address, bytes).fill((byte) 0);
  }

  @Override
  public void copy(long to, long from, long bytes) {
    at(to, bytes).copyFrom(at(from, bytes));
  }

  @Override
  public void toDevice(long address, MemorySegment host) {
    at(address, host.byteSize()).copyFrom(host);
  }

  @Override
  public void toHost(long address, MemorySegment host) {
    host.copyFrom(at(address, host.byteSize()));
  }

  @Override
  public MemorySegment allocateShared(long bytes) {
    MemorySegment shared = at(allocate(bytes, "shared memory"), bytes);
    shared.fill((byte) 0);
    return shared;
  }

  @Override
  public void toShared(MemorySegment shared, long from) {
    toHost(from, shared);
  }

  @Override
  public void freeShared(MemorySegment shared) {
    free(shared.address());
  }

  @Override
  public Launch launch(String module, String kernel, int threads, MemorySegment arguments) {
    MemorySegment entry = kernels.kernel(kernel);
    return threadBlocks -> launched(kernel, entry, threadBlocks, threads, arguments);
  }

  /** Executes a kernel. */
  void launched(String name, MemorySegment entry, int threadBlocks, int threads, MemorySegment arguments) {
    kernels.launch(entry, threadBlocks, threads, arguments, STRIDE);
  }

  @Override
  public Marks marks() {
    return new Marks() {
      @Override
      public void set(long ticket) {
        // Kernels are done when their launch returns.
      }

      @Override
      public void await(long ticket) {
        // See set.
      }

      @Override
      public void close() {
        // Nothing was taken.
      }
    };
  }

  @Override
  public void synchronize() {
    // See marks.
  }

  @Override
  public void close() {
    if (!allocations.isEmpty()) {
      throw new IllegalStateException("memory left behind: " + allocations);
    }
  }
}
