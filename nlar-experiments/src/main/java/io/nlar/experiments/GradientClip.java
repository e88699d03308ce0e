package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;

/** Clipping by the global norm, which all baselines get as Nlar has it. */
final class GradientClip {
  /** The largest norm that passes unscaled. */
  static final double BOUND = 1;

  private GradientClip() {}

  /** Scales all gradients so that their common Euclidean norm is at most {@link #BOUND}, and returns what it was. */
  static double apply(List<NDArray> gradients) {
    double norm;
    try (NDManager scope = gradients.getFirst().getManager().newSubManager()) {
      NDList squares = new NDList();
      for (NDArray gradient : gradients) {
        NDArray square = gradient.square();
        square.attach(scope);
        squares.add(square.sum());
      }
      norm = Math.sqrt(NDArrays.stack(squares).sum().toType(DataType.FLOAT64, false).getDouble());
    }
    if (norm > BOUND) {
      for (NDArray gradient : gradients) {
        gradient.muli(BOUND / norm);
      }
    }
    return norm;
  }
}
