package io.nlar.internal;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Tensors of a state file, or some of them, in memory of this process. */
final class HostTensors {
  private final List<Span> spans;

  /**
   * A tensor's place in both.
   *
   * @param offset of its first byte in the file's data
   * @param memory as long as the tensor
   */
  record Span(long offset, MemorySegment memory) {
    private long end() {
      return offset + memory.byteSize();
    }
  }

  /**
   * Tensors.
   *
   * @param spans in the data's order
   */
  HostTensors(List<Span> spans) {
    this.spans = spans.stream().filter(span -> span.memory.byteSize() > 0).toList();
  }

  /** Whether a tensor has something of {@code length} bytes of the data from {@code from} on. */
  boolean reach(long from, long length) {
    int first = firstBehind(from);
    return first < spans.size() && spans.get(first).offset < from + length;
  }

  /** The {@code length} bytes from {@code from} on, if all lie in one tensor that files are read into and written from; else null. */
  MemorySegment whole(long from, long length) {
    int first = firstBehind(from);
    if (first == spans.size()) {
      return null;
    }
    Span span = spans.get(first);
    return span.memory.isNative() && span.offset <= from && from + length <= span.end()
        ? span.memory.asSlice(from - span.offset, length)
        : null;
  }

  /** Copies what of the data from {@code from} on belongs to tensors. */
  void scatter(MemorySegment data, long from) {
    each(data, from, (piece, own) -> own.copyFrom(piece));
  }

  /** Copies what tensors have of the data from {@code from} on. */
  void gather(MemorySegment data, long from) {
    each(data, from, MemorySegment::copyFrom);
  }

  /** Takes the same bytes in the data and in a tensor. */
  private interface Overlap {
    void take(MemorySegment piece, MemorySegment own);
  }

  private void each(MemorySegment data, long from, Overlap overlap) {
    long end = from + data.byteSize();
    for (int i = firstBehind(from); i < spans.size() && spans.get(i).offset < end; i++) {
      Span span = spans.get(i);
      long begin = Math.max(from, span.offset);
      long length = Math.min(end, span.end()) - begin;
      overlap.take(data.asSlice(begin - from, length), span.memory.asSlice(begin - span.offset, length));
    }
  }

  /** The number of the first span of which something lies at {@code offset} or behind. */
  private int firstBehind(long offset) {
    int low = 0;
    for (int high = spans.size(); low < high; ) {
      int middle = (low + high) >>> 1;
      if (spans.get(middle).end() > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
