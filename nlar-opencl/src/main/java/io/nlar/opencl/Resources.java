package io.nlar.opencl;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/** Things to release together, in reverse order. */
final class Resources {
  private final Deque<Runnable> releases = new ArrayDeque<>();

  void add(Runnable release) {
    releases.push(release);
  }

  /** Memory for a table of {@code host}'s size, with its contents. */
  MemoryObject upload(OpenClDevice device, MemorySegment host) {
    MemoryObject memory = allocate(device, host.byteSize());
    if (host.byteSize() > 0) {
      device.queue().write(memory.handle(), 0, host);
    }
    return memory;
  }

  /** Memory of undefined contents. */
  MemoryObject allocate(OpenClDevice device, long bytes) {
    MemoryObject memory = device.memory(bytes);
    add(memory::release);
    return memory;
  }

  /** Releases everything, whatever single releases say; the first complaint is thrown at the end, with the others. */
  void release() {
    RuntimeException first = null;
    while (!releases.isEmpty()) {
      try {
        releases.pop().run();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else if (first != e) {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /** Releases everything because of {@code failure}, which takes up the complaints. */
  void releaseAfter(Throwable failure) {
    try {
      release();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
