package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Means and variances that layers of batch normalisation test with. What training leaves in them belongs to the values that
 * gradients were taken at, and these change; an optimizer that averages evaluates at others altogether. So they are counted
 * anew before every test, whatever the optimizer: as means over some batches that pass forward at the values to evaluate.
 */
final class RunningStatistics {
  /** Over how many batches they are counted. */
  static final int BATCHES = 20;
  /** The weight that DJL gives a batch against what came before. */
  private static final double SHARE = 0.1;

  private final List<NDArray> running = new ArrayList<>();

  RunningStatistics(Block block) {
    for (Parameter parameter : block.getParameters().values()) {
      if (parameter.getType() == Parameter.Type.RUNNING_MEAN || parameter.getType() == Parameter.Type.RUNNING_VAR) {
        running.add(parameter.getArray());
      }
    }
  }

  /**
   * Counts them.
   *
   * @param forward passes the batch of this number, from 0, forward as in training; false where there is none
   */
  void recount(IntPredicate forward) {
    if (running.isEmpty()) {
      return;
    }
    List<NDArray> sums = new ArrayList<>();
    running.forEach(array -> sums.add(array.zerosLike()));
    int batches = 0;
    while (batches < BATCHES) {
      running.forEach(array -> array.muli(0));
      if (!forward.test(batches)) {
        break;
      }
      for (int i = 0; i < sums.size(); i++) {
        sums.get(i).addi(running.get(i));
      }
      batches++;
    }
    for (int i = 0; i < sums.size(); i++) {
      try (NDArray sum = sums.get(i); NDArray mean = sum.div(SHARE * batches)) {
        running.get(i).muli(0).addi(mean);
      }
    }
  }
}
