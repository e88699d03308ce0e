package io.nlar.spark.djl;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.loss.Loss;
import java.io.Serializable;

/** A model of DJL and its data. It travels to the workers, each of which makes a block of its own. */
public interface DjlModel extends Serializable {
  /** A new block, not initialised; with the initialisers that its parameters are to have. */
  Block block();

  /** The loss of a micro-batch. */
  Loss loss();

  /** Shapes of what the block takes, for a micro-batch of any size. */
  Shape[] inputs();

  /**
   * The data of a micro-batch, which must be the same whenever and wherever it is asked for.
   *
   * @param scope holds the arrays, and is closed when the gradients are there
   * @param step number of the step, from 0
   * @param microBatch number of the micro-batch in it, from 0
   */
  Examples examples(NDManager scope, long step, int microBatch) throws Exception;

  /**
   * A micro-batch.
   *
   * @param data what the block takes
   * @param labels what the loss compares its output with
   */
  record Examples(NDList data, NDList labels) {}
}
