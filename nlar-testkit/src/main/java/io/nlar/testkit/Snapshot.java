package io.nlar.testkit;

/**
 * The model after a step, all tensors concatenated.
 *
 * @param step the number of the step, from 1
 * @param theta θ
 * @param learningRate γ
 * @param velocity v; null where the settings keep none
 */
public record Snapshot(int step, double[] theta, double[] learningRate, double[] velocity) {

  /** One of the three. */
  public double[] get(Quantity quantity) {
    return switch (quantity) {
      case THETA -> theta;
      case LEARNING_RATE -> learningRate;
      case VELOCITY -> velocity;
    };
  }
}
