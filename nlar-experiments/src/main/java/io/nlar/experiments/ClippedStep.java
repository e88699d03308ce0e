package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/** A baseline: clips by the global norm, as Nlar does, and leaves the update to its subclass. */
abstract class ClippedStep implements TrainingStep {
  private NDManager manager;
  private double norm = Double.NaN;

  @Override
  public final void step(List<Parameter> parameters) {
    List<NDArray> weights = parameters.stream().map(Parameter::getArray).toList();
    if (manager == null) {
      manager = weights.getFirst().getManager().newSubManager();
      prepare(weights);
    }
    List<NDArray> gradients = new ArrayList<>();
    for (NDArray weight : weights) {
      gradients.add(weight.getGradient());
    }
    norm = GradientClip.apply(gradients);
    try (NDManager scope = manager.newSubManager()) {
      update(parameters, gradients, scope);
    }
    for (NDArray gradient : gradients) {
      gradient.subi(gradient); // zeroed, as DJL does it
      gradient.close();
    }
  }

  @Override
  public final double norm() {
    return norm;
  }

  /** Makes the state, before the first update. */
  abstract void prepare(List<NDArray> weights);

  /**
   * Updates all parameters.
   *
   * @param gradients clipped
   * @param scope takes what is needed only now
   */
  abstract void update(List<Parameter> parameters, List<NDArray> gradients, NDManager scope);

  /** What holds the state; there from {@link #prepare} on. */
  final NDManager manager() {
    return manager;
  }

  /** A state tensor for {@code weight}, all 0. */
  final NDArray zeros(NDArray weight) {
    return manager.zeros(weight.getShape(), weight.getDataType());
  }

  /** A state tensor with the values of {@code weight} as they are now. */
  final NDArray copy(NDArray weight) {
    NDArray copy = zeros(weight);
    fill(copy, weight);
    return copy;
  }

  /**
   * Gives {@code target} the values of {@code source}, where it lies. DJL's {@code copyTo} gives it other memory, and what looks
   * at tensors there ({@link HostTensor}) would go on with the old one.
   */
  static void fill(NDArray target, NDArray source) {
    target.set(new NDIndex("..."), source);
  }

  /** Σ over the elements of an array of the scope. */
  static double sum(NDArray array) {
    return array.sum().toType(DataType.FLOAT64, false).getDouble();
  }

  /** {@code array}, to be closed with {@code scope}. */
  static NDArray in(NDManager scope, NDArray array) {
    array.attach(scope);
    return array;
  }

  @Override
  public final void close() {
    if (manager != null) {
      manager.close();
    }
  }
}
