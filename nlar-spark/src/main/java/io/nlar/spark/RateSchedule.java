package io.nlar.spark;

import java.io.Serializable;

/** A factor on the scaled gradients for each step, the k of {@link io.nlar.Step#run(double, double)}. It travels to the workers. */
@FunctionalInterface
public interface RateSchedule extends Serializable {
  /** The factor of a step, finite and at least 0. */
  double at(long step);
}
