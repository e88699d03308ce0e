package io.nlar;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The sum of numbered micro-batches' gradients in an order that depends on their numbers alone, not on who added which of them:
 * a binary tree over the numbers. Node j of level k has the sum over numbers from j·2ᵏ to (j + 1)·2ᵏ − 1, those that there are: the
 * sum of nodes 2j and 2j + 1 of the level below, or the first of these, where there is no number for the other. Every sum is one IEEE
 * addition of the arrays' type.
 *
 * <p>A worker {@linkplain #add(int, MemorySegment) adds} the micro-batches that it has computed, in any order, and hands
 * {@linkplain #nodes on what has come of it}, at most 2·log₂ of their number if they follow each other; another one takes
 * {@linkplain #add(Node) these in}. Who has the top has the {@linkplain #average average}. A worker that averages a part of the
 * elements takes in that part of every node. Not safe for use by several threads.
 */
public final class GradientTree {

  /**
   * A sum that has been formed.
   *
   * @param level k; 0 for a single micro-batch
   * @param index j, its number among the nodes of its level
   * @param sum the sum, element by element
   */
  public record Node(int level, int index, MemorySegment sum) {
    /** Checks that all is there. */
    public Node {
      Objects.requireNonNull(sum, "sum");
    }
  }

  private record Key(int level, int index) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return level != other.level ? Integer.compare(level, other.level) : Integer.compare(index, other.index);
    }
  }

  /** Bytes that are added at a time. */
  private static final int PIECE = 8 << 10;

  private final DType type;
  private final int microBatches;
  private final int height;
  private final TreeMap<Key, MemorySegment> held = new TreeMap<>();
  private final float[] floats = new float[PIECE / Float.BYTES];
  private final float[] otherFloats = new float[floats.length];
  private final double[] doubles = new double[PIECE / Double.BYTES];
  private final double[] otherDoubles = new double[doubles.length];

  /**
   * A tree of which nothing is known yet.
   *
   * @param type FLOAT32 or FLOAT64
   * @param microBatches n: they are numbered from 0 to n − 1; at least 1
   * @throws SettingException if gradients of the type are not added, or there is no micro-batch
   */
  public GradientTree(DType type, int microBatches) {
    if (!DType.arithmetics().contains(Objects.requireNonNull(type, "type"))) {
      throw new SettingException("gradients of " + type + " are not added, since each sum would be rounded to so few bits; widen"
          + " them to one of " + DType.arithmetics());
    }
    if (microBatches < 1) {
      throw new SettingException("an average of " + microBatches + " micro-batches; there is at least 1");
    }
    this.type = type;
    this.microBatches = microBatches;
    this.height = Integer.SIZE - Integer.numberOfLeadingZeros(microBatches - 1);
  }

  /**
   * Takes in the gradients of a micro-batch.
   *
   * @param number from 0
   * @param gradients elements in native byte order; the tree's own from now on, which adds to them in place
   * @throws ParameterException if there is no such number, it was taken in before, or the length is another than before
   */
  public void add(int number, MemorySegment gradients) {
    add(new Node(0, number, gradients));
  }

  /**
   * Takes in what another tree has formed.
   *
   * @param node its sum is the tree's own from now on, which adds to it in place
   * @throws ParameterException if the tree has no such node, a number under it was taken in before, or the length is another
   */
  public void add(Node node) {
    if (node.level < 0 || node.level > height || node.index < 0 || first(node.level, node.index) >= microBatches) {
      throw new ParameterException("no node " + node.index + " of level " + node.level + " in a tree over " + microBatches
          + " micro-batches, numbered from 0");
    }
    checkLength(node.sum);
    checkNew(node);
    int level = node.level;
    int index = node.index;
    MemorySegment sum = node.sum;
    for (; level < height; level++, index >>= 1) {
      int other = index ^ 1;
      if (first(level, other) < microBatches) {
        MemorySegment sibling = held.remove(new Key(level, other));
        if (sibling == null) {
          break;
        }
        MemorySegment left = index < other ? sum : sibling;
        addTo(left, index < other ? sibling : sum);
        sum = left;
      }
    }
    held.put(new Key(level, index), sum);
  }

  private static long first(int level, long index) {
    return index << level;
  }

  private void checkLength(MemorySegment sum) {
    long expected = held.isEmpty() ? sum.byteSize() : held.firstEntry().getValue().byteSize();
    if (sum.byteSize() != expected || sum.byteSize() % type.bytes() != 0) {
      throw new ParameterException("gradients of " + sum.byteSize() + " bytes; expected " + (sum.byteSize() != expected
          ? expected + ", as of the other micro-batches" : "whole elements of " + type.bytes()));
    }
  }

  /** Nodes held are apart from each other; a new one must not lie under one of them, nor above. */
  private void checkNew(Node node) {
    long begin = first(node.level, node.index);
    long end = first(node.level, node.index + 1L);
    held.keySet().forEach(key -> {
      if (begin < first(key.level, key.index + 1L) && first(key.level, key.index) < end) {
        throw new ParameterException("micro-batch " + Math.max(begin, first(key.level, key.index))
            + " was taken in before; each counts once");
      }
    });
  }

  /** In pieces through arrays, whose loops the JVM makes vectors of. */
  private void addTo(MemorySegment left, MemorySegment right) {
    forPieces(left, (at, bytes) -> {
      int count = (int) (bytes / type.bytes());
      if (type.bytes() == Float.BYTES) {
        MemorySegment.copy(left, ValueLayout.JAVA_FLOAT_UNALIGNED, at, floats, 0, count);
        MemorySegment.copy(right, ValueLayout.JAVA_FLOAT_UNALIGNED, at, otherFloats, 0, count);
        for (int i = 0; i < count; i++) {
          floats[i] += otherFloats[i];
        }
        MemorySegment.copy(floats, 0, left, ValueLayout.JAVA_FLOAT_UNALIGNED, at, count);
      } else {
        MemorySegment.copy(left, ValueLayout.JAVA_DOUBLE_UNALIGNED, at, doubles, 0, count);
        MemorySegment.copy(right, ValueLayout.JAVA_DOUBLE_UNALIGNED, at, otherDoubles, 0, count);
        for (int i = 0; i < count; i++) {
          doubles[i] += otherDoubles[i];
        }
        MemorySegment.copy(doubles, 0, left, ValueLayout.JAVA_DOUBLE_UNALIGNED, at, count);
      }
    });
  }

  private void divide(MemorySegment sum) {
    forPieces(sum, (at, bytes) -> {
      int count = (int) (bytes / type.bytes());
      if (type.bytes() == Float.BYTES) {
        MemorySegment.copy(sum, ValueLayout.JAVA_FLOAT_UNALIGNED, at, floats, 0, count);
        for (int i = 0; i < count; i++) {
          floats[i] /= (float) microBatches;
        }
        MemorySegment.copy(floats, 0, sum, ValueLayout.JAVA_FLOAT_UNALIGNED, at, count);
      } else {
        MemorySegment.copy(sum, ValueLayout.JAVA_DOUBLE_UNALIGNED, at, doubles, 0, count);
        for (int i = 0; i < count; i++) {
          doubles[i] /= microBatches;
        }
        MemorySegment.copy(doubles, 0, sum, ValueLayout.JAVA_DOUBLE_UNALIGNED, at, count);
      }
    });
  }

  private interface Work {
    void on(long at, long bytes);
  }

  private static void forPieces(MemorySegment whole, Work work) {
    for (long at = 0; at < whole.byteSize(); at += PIECE) {
      work.on(at, Math.min(PIECE, whole.byteSize() - at));
    }
  }

  /** The sums that are formed and not yet part of another one, from the lowest level up. */
  public List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    held.forEach((key, sum) -> nodes.add(new Node(key.level, key.index, sum)));
    return nodes;
  }

  /** Whether all micro-batches have been taken in. */
  public boolean complete() {
    return held.containsKey(new Key(height, 0));
  }

  /**
   * The sum over all micro-batches.
   *
   * @throws CallOrderException if one has not been taken in
   */
  public MemorySegment sum() {
    MemorySegment top = held.get(new Key(height, 0));
    if (top == null) {
      throw new CallOrderException("micro-batch " + missing() + " of " + microBatches + " has not been taken in; add it first");
    }
    return top;
  }

  private long missing() {
    long next = 0;
    List<Node> inOrder = new ArrayList<>(nodes());
    inOrder.sort((a, b) -> Long.compare(first(a.level, a.index), first(b.level, b.index)));
    for (Node node : inOrder) {
      if (first(node.level, node.index) > next) {
        break;
      }
      next = first(node.level, node.index + 1L);
    }
    return next;
  }

  /**
   * The average: the sum, each element divided by n in the arrays' type. Done in place of the sum, so once.
   *
   * @throws CallOrderException as {@link #sum}; a second call finds nothing
   */
  public MemorySegment average() {
    MemorySegment top = sum();
    held.clear();
    divide(top);
    return top;
  }
}
