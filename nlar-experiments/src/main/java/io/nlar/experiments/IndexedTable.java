package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * A row of numbers for each index: whole numbers of any shape become rows, in a dimension more. DJL's PyTorch engine keeps
 * the table's gradient as a dense tensor, in which the rows that a batch does not ask for are 0.
 */
final class IndexedTable extends AbstractBlock {
  private final int size;
  private final Parameter table;

  /**
   * A table.
   *
   * @param rows how many indices there are
   * @param size of a row
   * @param type by which the initial values are chosen
   */
  IndexedTable(int rows, int size, Parameter.Type type) {
    this.size = size;
    table = addParameter(Parameter.builder().setName("table").setType(type).optShape(new Shape(rows, size)).build());
  }

  /** The rows of {@code indices}, int64. */
  NDArray rows(ParameterStore store, NDArray indices, boolean training) {
    return Embedding.embedding(indices, store.getValue(table, indices.getDevice(), training), SparseFormat.DENSE)
        .singletonOrThrow();
  }

  @Override
  protected NDList forwardInternal(ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return new NDList(rows(store, inputs.singletonOrThrow(), training));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {inputs[0].addAll(new Shape(size))};
  }
}
