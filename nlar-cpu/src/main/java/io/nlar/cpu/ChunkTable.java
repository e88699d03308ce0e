package io.nlar.cpu;

import java.util.Arrays;

/**
 * The work of a step cut into chunks of one tensor each, and the chunks gathered into claims: what a thread takes at
 * once. Large tensors give many claims, many small tensors share one. Built when tensors are bound.
 */
final class ChunkTable {
  private final BoundTensor[] tensors;
  private final int[] tensor;
  private final long[] from;
  private final int[] claims;
  private final int size;
  private final long elements;
  private final boolean mapped;

  /** Cuts up {@code tensors}, of which entries may be null. */
  ChunkTable(BoundTensor[] tensors, CpuSettings.Cut cut) {
    this.tensors = tensors;
    this.size = cut.chunk();
    int chunks = 0;
    for (BoundTensor t : tensors) {
      chunks = Math.addExact(chunks, t == null ? 0 : Math.toIntExact((t.length() + size - 1) / size));
    }
    tensor = new int[chunks];
    from = new long[chunks];
    int[] starts = new int[chunks + 1];
    int chunk = 0;
    int closed = 0;
    long open = 0;
    long all = 0;
    for (int i = 0; i < tensors.length; i++) {
      long length = tensors[i] == null ? 0 : tensors[i].length();
      for (long start = 0; start < length; start += size) {
        tensor[chunk] = i;
        from[chunk] = start;
        chunk++;
        open += Math.min(size, length - start);
        if (open >= cut.claim()) {
          all += open;
          open = 0;
          starts[++closed] = chunk;
        }
      }
    }
    if (open > 0) {
      all += open;
      starts[++closed] = chunk;
    }
    claims = Arrays.copyOf(starts, closed + 1);
    elements = all;
    mapped = Arrays.stream(tensors).anyMatch(t -> t != null && t.mapped());
  }

  /** Elements in all. */
  long elements() {
    return elements;
  }

  /** Whether some of the values or gradients lie in mapped files. */
  boolean mapped() {
    return mapped;
  }

  /** Number of claims. */
  int claims() {
    return claims.length - 1;
  }

  /** First chunk of a claim; that of the claim behind the last is the number of chunks. */
  int firstChunk(int claim) {
    return claims[claim];
  }

  /** Number of chunks. */
  int chunks() {
    return tensor.length;
  }

  /** Whether a chunk is all of its tensor. */
  boolean whole(int chunk) {
    return tensor(chunk).length() <= size;
  }

  BoundTensor tensor(int chunk) {
    return tensors[tensor[chunk]];
  }

  /** First element of a chunk in its tensor. */
  long from(int chunk) {
    return from[chunk];
  }

  /** Elements of a chunk. */
  int count(int chunk) {
    return (int) Math.min(size, tensor(chunk).length() - from[chunk]);
  }
}
