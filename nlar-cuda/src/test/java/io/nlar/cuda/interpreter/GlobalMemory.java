package io.nlar.cuda.interpreter;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/**
 * The device's memory: native, so that what is shared with the host has the same address for both. An access must lie in
 * one allocation; between two there is always room that belongs to none.
 */
public final class GlobalMemory {
  /** What fresh memory holds, so that nothing relies on zeros. */
  private static final byte GARBAGE = (byte) 0xCB;
  private static final int ALIGNMENT = 256;

  /** One allocation. */
  record Allocation(long start, long bytes, MemorySegment memory, Arena arena) {
    boolean holds(long address, int size) {
      long offset = address - start;
      return offset >= 0 && offset <= bytes - size;
    }
  }

  private final TreeMap<Long, Allocation> allocations = new TreeMap<>();
  private Allocation last;

  /** Memory on a boundary of 256 bytes, full of garbage; as a segment of native memory. */
  public MemorySegment allocate(long bytes) {
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocate(bytes + ALIGNMENT, ALIGNMENT).asSlice(0, bytes);
    memory.fill(GARBAGE);
    allocations.put(memory.address(), new Allocation(memory.address(), bytes, memory, arena));
    return memory;
  }

  /** Frees what {@link #allocate} returned; returns its size in bytes. */
  public long free(long address) {
    Allocation allocation = allocations.remove(address);
    if (allocation == null) {
      throw new PtxException("0x" + Long.toHexString(address) + " is no allocation");
    }
    last = null;
    allocation.arena.close();
    return allocation.bytes;
  }

  /** Memory at an address. */
  public MemorySegment at(long address, long bytes) {
    Map.Entry<Long, Allocation> below = allocations.floorEntry(address);
    if (below == null || address - below.getKey() > below.getValue().bytes - bytes) {
      throw new PtxException("there are no " + bytes + " bytes of device memory at 0x" + Long.toHexString(address));
    }
    return below.getValue().memory.asSlice(address - below.getKey(), bytes);
  }

  /** The allocation that holds an access; null where none does. */
  Allocation find(long address, int size) {
    if (last == null || !last.holds(address, size)) {
      Map.Entry<Long, Allocation> below = allocations.floorEntry(address);
      if (below == null || !below.getValue().holds(address, size)) {
        return null;
      }
      last = below.getValue();
    }
    return last;
  }

  /** Whether nothing is allocated. */
  public boolean isEmpty() {
    return allocations.isEmpty();
  }

  /** Sizes by address of what is allocated. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    allocations.values().forEach(a -> text.append("0x").append(Long.toHexString(a.start)).append(": ").append(a.bytes)
        .append(" bytes; "));
    return text.toString();
  }
}
