package io.nlar.spark;

import io.nlar.DType;
import io.nlar.GradientTree;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A worker's micro-batches: calls the caller's function for each, and adds what it gives. */
final class MicroBatches {
  private final Layout layout;
  private final Gradients source;
  private final int count;
  private final int from;
  private final int to;
  private final float[][] arrays;
  private final Map<String, float[]> gradients;
  /** Copies of gradients that a tree holds, and those that none holds: new ones in each step would be garbage as large as they are. */
  private final List<MemorySegment> used = new ArrayList<>();
  private final List<MemorySegment> free = new ArrayList<>();

  /**
   * The micro-batches of a worker, which follow each other.
   *
   * @param count how many a step has
   */
  MicroBatches(Layout layout, Gradients source, int count, int worker) {
    this.layout = layout;
    this.source = source;
    this.count = count;
    this.from = first(count, worker, layout.workers());
    this.to = first(count, worker + 1, layout.workers());
    arrays = layout.arrays();
    gradients = layout.named(arrays);
  }

  /** The number of the first micro-batch of a worker. */
  static int first(int count, int worker, int workers) {
    return Math.toIntExact((long) count * worker / workers);
  }

  /**
   * What nodes a tree over {@code count} numbers has come to when it has those from {@code from} to {@code to}; each with a sum
   * of one element.
   */
  static GradientTree shape(int count, int from, int to) {
    GradientTree tree = new GradientTree(DType.FLOAT32, count);
    for (int i = from; i < to; i++) {
      tree.add(i, MemorySegment.ofArray(new float[1]));
    }
    return tree;
  }

  /**
   * Computes the gradients of a step. What the tree of the step before held is overwritten.
   *
   * @param losses takes the loss of each
   * @param laps are told what took how long
   */
  GradientTree compute(long step, Map<String, float[]> values, double[] losses, Laps laps) throws Exception {
    GradientTree tree = new GradientTree(DType.FLOAT32, count);
    free.addAll(used);
    used.clear();
    for (int number = from; number < to; number++) {
      Worker.checkKilled();
      for (float[] array : arrays) {
        Arrays.fill(array, 0);
      }
      laps.end(Laps.Part.AVERAGE);
      losses[number] = source.compute(step, number, values, gradients);
      laps.end(Laps.Part.COMPUTE);
      tree.add(number, flat());
      recover(tree);
      laps.end(Laps.Part.AVERAGE);
    }
    return tree;
  }

  /** A copy of all gradients, end to end. */
  private MemorySegment flat() {
    MemorySegment flat = free.isEmpty() ? MemorySegment.ofArray(new float[Math.toIntExact(layout.elements())]) : free.removeLast();
    layout.gather(arrays, 0, flat);
    used.add(flat);
    return flat;
  }

  /** Copies that have been added to others are free again. */
  private void recover(GradientTree tree) {
    List<GradientTree.Node> held = tree.nodes();
    used.removeIf(flat -> {
      boolean added = held.stream().noneMatch(node -> node.sum() == flat);
      if (added) {
        free.add(flat);
      }
      return added;
    });
  }
}
