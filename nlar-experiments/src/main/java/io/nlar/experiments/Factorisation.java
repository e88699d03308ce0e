package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * A matrix of low rank: from pairs (i, j), (batch, 2) of int64, numbers u_i·v_j + a_i + b_j, (batch, 1). The model of GloVe
 * (Pennington et al. 2014).
 */
final class Factorisation extends AbstractBlock {
  private final IndexedTable left;
  private final IndexedTable right;
  private final IndexedTable leftBias;
  private final IndexedTable rightBias;

  /**
   * A matrix.
   *
   * @param size rows, and columns
   */
  Factorisation(int size, int rank) {
    left = addChildBlock("left", new IndexedTable(size, rank, Parameter.Type.WEIGHT));
    right = addChildBlock("right", new IndexedTable(size, rank, Parameter.Type.WEIGHT));
    leftBias = addChildBlock("left-bias", new IndexedTable(size, 1, Parameter.Type.BIAS));
    rightBias = addChildBlock("right-bias", new IndexedTable(size, 1, Parameter.Type.BIAS));
  }

  @Override
  protected NDList forwardInternal(ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray pairs = inputs.singletonOrThrow();
    NDArray i = pairs.get(new NDIndex(":, 0"));
    NDArray j = pairs.get(new NDIndex(":, 1"));
    NDArray product = left.rows(store, i, training).mul(right.rows(store, j, training)).sum(new int[] {1}, true);
    return new NDList(product.add(leftBias.rows(store, i, training)).add(rightBias.rows(store, j, training)));
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
    Shape indices = new Shape(inputs[0].get(0));
    children.values().forEach(child -> child.initialize(manager, type, indices));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {new Shape(inputs[0].get(0), 1)};
  }
}
