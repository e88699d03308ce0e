package io.nlar.experiments;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Pairs of words, as two indices each, and their standardised logarithms. */
final class PairExamples implements Examples {
  private final Cooccurrences pairs;
  private final int first;
  private final int count;
  private final Standard standard;

  PairExamples(Cooccurrences pairs, int first, int count, Standard standard) {
    this.pairs = pairs;
    this.first = first;
    this.count = count;
    this.standard = standard;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public Batch batch(NDManager scope, DataType type, int[] order, int from, int size) {
    long[] indices = new long[2 * size];
    float[] targets = new float[size];
    for (int i = 0; i < size; i++) {
      int pair = first + order[from + i];
      indices[2 * i] = pairs.before()[pair];
      indices[2 * i + 1] = pairs.after()[pair];
      targets[i] = standard.of(pairs.logarithm()[pair]);
    }
    return new Batch(scope.create(indices, new Shape(size, 2)),
        scope.create(targets, new Shape(size, 1)).toType(type, false), size);
  }
}
