package io.nlar.testkit;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * The model after a step, all tensors concatenated.
 *
 * @param step the number of the step, from 1
 * @param theta θ
 * @param learningRate γ
 * @param velocity v; null where the settings keep none
 * @param bits the patterns, unsigned, of the value and of every state tensor by its {@linkplain io.nlar.Slot#label name};
 *     null where they were not asked for
 */
public record Snapshot(
    int step, double[] theta, double[] learningRate, double[] velocity, Map<String, List<BigInteger>> bits) {

  /** A model without its patterns. */
  public Snapshot(int step, double[] theta, double[] learningRate, double[] velocity) {
    this(step, theta, learningRate, velocity, null);
  }

  /** One of the three. */
  public double[] get(Quantity quantity) {
    return switch (quantity) {
      case THETA -> theta;
      case LEARNING_RATE -> learningRate;
      case VELOCITY -> velocity;
    };
  }
}
