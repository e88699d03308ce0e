package io.nlar.experiments;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/** Examples that are kept outside of the engine, and brought to it in batches. */
interface Examples {
  /** How many there are. */
  int count();

  /**
   * A batch, which may live until the next one is made.
   *
   * @param type of inputs and targets that are no whole numbers
   * @param order numbers of examples, of which those from {@code from} on are taken
   */
  Batch batch(NDManager scope, DataType type, int[] order, int from, int count);
}
