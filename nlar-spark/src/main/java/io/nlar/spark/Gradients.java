package io.nlar.spark;

import java.io.IOException;
import java.util.Map;

/** Computes micro-batches' gradients on one worker. Called by one thread. */
@FunctionalInterface
public interface Gradients extends AutoCloseable {
  /**
   * The gradients of one micro-batch. For runs that are equal to the bit they must depend on the arguments alone.
   *
   * @param step number of the step, from 0
   * @param microBatch number of the micro-batch within the step, from 0
   * @param values the parameters by name, in order of registration; only to be read
   * @param gradients arrays of the same names and lengths, all 0, which take the gradients
   * @return the micro-batch's loss, which is averaged as the gradients are
   */
  double compute(long step, int microBatch, Map<String, float[]> values, Map<String, float[]> gradients) throws Exception;

  /** Gives back what was opened; nothing by default. */
  @Override
  default void close() throws IOException {}
}
