package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;

/**
 * A causal transformer: from symbols, (batch, length) of int64, scores of the symbol after each place, (batch, length,
 * symbols). Learned positions, normalisation before attention and before the dense part (GPT-2's order), no dropout.
 */
final class LanguageModel extends AbstractBlock {
  /** What is added to an attention's score that must not be. */
  private static final double FORBIDDEN = -1e5;
  private static final int EXPANSION = 4;

  private final int symbols;
  private final int width;
  private final IndexedTable embedding;
  private final IndexedTable positions;
  private final List<Layer> layers = new ArrayList<>();
  private final LayerNorm norm;
  private final Linear scores;

  /** One layer: what attention and dense part add to their input. */
  private record Layer(LayerNorm first, ScaledDotProductAttentionBlock attention, LayerNorm second, Linear expand,
      Linear contract) {}

  /**
   * A model.
   *
   * @param symbols how many there are
   * @param length the longest sequence
   * @param width numbers for each place, a multiple of {@code heads}
   */
  LanguageModel(int symbols, int length, int width, int heads, int depth) {
    this.symbols = symbols;
    this.width = width;
    embedding = addChildBlock("symbols", new IndexedTable(symbols, width, Parameter.Type.WEIGHT));
    positions = addChildBlock("positions", new IndexedTable(length, width, Parameter.Type.WEIGHT));
    for (int i = 1; i <= depth; i++) {
      layers.add(new Layer(addChildBlock("norm-a" + i, norm()),
          addChildBlock("attention" + i, ScaledDotProductAttentionBlock.builder().setEmbeddingSize(width)
              .setHeadCount(heads).optAttentionProbsDropoutProb(0).build()),
          addChildBlock("norm-b" + i, norm()),
          addChildBlock("expand" + i, Linear.builder().setUnits((long) EXPANSION * width).build()),
          addChildBlock("contract" + i, Linear.builder().setUnits(width).build())));
    }
    norm = addChildBlock("norm", norm());
    scores = addChildBlock("scores", Linear.builder().setUnits(symbols).build());
  }

  private static LayerNorm norm() {
    return LayerNorm.builder().axis(2).build();
  }

  @Override
  protected NDList forwardInternal(ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray given = inputs.singletonOrThrow();
    NDManager manager = given.getManager();
    long length = given.getShape().get(1);
    NDArray x = embedding.rows(store, given, training)
        .add(positions.rows(store, manager.arange(0, length, 1, DataType.INT64), training));
    NDArray mask = mask(manager, length, x.getDataType());
    for (Layer layer : layers) {
      NDArray normed = layer.first().forward(store, new NDList(x), training).singletonOrThrow();
      x = x.add(layer.attention().forward(store, new NDList(normed, mask), training).singletonOrThrow());
      NDList dense = layer.expand().forward(store, layer.second().forward(store, new NDList(x), training), training);
      x = x.add(layer.contract().forward(store, Activation.gelu(dense), training).singletonOrThrow());
    }
    return scores.forward(store, norm.forward(store, new NDList(x), training), training);
  }

  /** What is added to the attention's scores, from each place to each: nothing up to itself. */
  private static NDArray mask(NDManager manager, long length, DataType type) {
    NDArray places = manager.arange(0, length, 1, DataType.INT64);
    NDArray later = places.reshape(1, length).gt(places.reshape(length, 1));
    // Of four dimensions: DJL's block takes it as it is.
    return later.toType(type, false).mul(FORBIDDEN).reshape(1, 1, length, length);
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
    Shape states = states(inputs[0]);
    embedding.initialize(manager, type, inputs);
    positions.initialize(manager, type, inputs);
    for (Layer layer : layers) {
      layer.first().initialize(manager, type, states);
      // DJL's block itself would make its matrices in float32, whatever the type; what is there it leaves alone.
      for (Linear projection : List.of(layer.attention().getKeyProjection(), layer.attention().getQueryProjection(),
          layer.attention().getValueProjection(), layer.attention().getResultProjection())) {
        projection.initialize(manager, type, states);
      }
      layer.attention().initialize(manager, type, states);
      layer.second().initialize(manager, type, states);
      layer.expand().initialize(manager, type, states);
      layer.contract().initialize(manager, type, layer.expand().getOutputShapes(new Shape[] {states}));
    }
    norm.initialize(manager, type, states);
    scores.initialize(manager, type, states);
  }

  private Shape states(Shape input) {
    return input.addAll(new Shape(width));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {inputs[0].addAll(new Shape(symbols))};
  }
}
