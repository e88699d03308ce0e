package io.nlar.spi.queue;

import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The inner nodes of the fixed-shape sums. A node makes one value of up to 1024 consecutive ones; it is computed by
 * whoever completes its last input. Values lie in one array: the total, one per tensor (both visible to users), then
 * the inner values.
 */
final class SumTree {
  /** A node: indices into the array of values, the number of inputs, the node above. */
  record Node(long in, long out, int count, int parent) {}

  private final List<Node> nodes = new ArrayList<>();
  private final long[] partials;
  private final int[] firstNode;
  private final int totalNode;
  private long values;

  SumTree(StepPlan plan) {
    int tensors = plan.tensors().size();
    values = 1 + tensors;
    partials = new long[tensors];
    firstNode = new int[tensors];
    totalNode = reduce(1, tensors, 0, StepTables.NO_NODE);
    for (TensorPlan tensor : plan.tensors()) {
      int i = tensor.index();
      long blocks = parts(tensor.length(), StepTables.BLOCK);
      partials[i] = blocks == 1 ? ownSum(i) : values;
      if (blocks == 1) {
        firstNode[i] = nodeAbove(i);
      } else {
        values += blocks;
        firstNode[i] = reduce(partials[i], blocks, ownSum(i), nodeAbove(i));
      }
    }
  }

  /** Adds the nodes that make one value at {@code out} of {@code count} values; returns the first that takes them. */
  private int reduce(long in, long count, long out, int parent) {
    long wanted = parts(count, StepTables.BLOCK);
    int above = parent;
    long results = out;
    if (wanted > 1) {
      results = values;
      values += wanted;
      above = reduce(results, wanted, out, parent);
    }
    int first = nodes.size();
    for (long j = 0; j < wanted; j++) {
      long start = j * StepTables.BLOCK;
      nodes.add(new Node(in + start, results + j, (int) Math.min(StepTables.BLOCK, count - start),
          wanted > 1 ? above + (int) (j / StepTables.BLOCK) : parent));
    }
    return first;
  }

  /** Index of a tensor's own sum. */
  static long ownSum(int tensor) {
    return 1 + tensor;
  }

  /** The node that takes a tensor's own sum. */
  int nodeAbove(int tensor) {
    return totalNode + tensor / StepTables.BLOCK;
  }

  /** Index of the sum of a tensor's first block. */
  long partials(int tensor) {
    return partials[tensor];
  }

  /** The node that takes the sum of a tensor's first block. */
  int firstNode(int tensor) {
    return firstNode[tensor];
  }

  /** All nodes. */
  List<Node> nodes() {
    return nodes;
  }

  /** Length of the array of values. */
  long values() {
    return values;
  }

  /** Number of pieces of {@code size} that hold {@code count}; at least 1. */
  static long parts(long count, int size) {
    return Math.max(1, Math.ceilDiv(count, (long) size));
  }

  /** Writes the table of nodes. */
  void write(MemorySegment table) {
    long at = 0;
    for (Node node : nodes) {
      StepTables.IN.setLong(table, at, node.in);
      StepTables.OUT.setLong(table, at, node.out);
      StepTables.COUNT.setInt(table, at, node.count);
      StepTables.PARENT.setInt(table, at, node.parent);
      at += StepTables.NODE_RECORD.bytes();
    }
  }
}
