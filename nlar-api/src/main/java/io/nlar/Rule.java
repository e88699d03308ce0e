package io.nlar;

import java.io.Serializable;
import java.util.Set;

/**
 * The optimizer of a parameter group: what becomes of one element when it meets its scaled gradient. A rule is a few
 * numbers here, and one file of arithmetic in the language of every backend (docs/architecture.md, "A new rule").
 *
 * <p>{@link Estimator} is the Nlar family, {@link AdamW} the baseline that everybody knows, {@link Lion} the one that steps by signs;
 * {@link ScheduleFree} and {@link Nlarsf} average their way, so that the value to evaluate is another than the one that gradients are taken at.
 */
public sealed interface Rule extends Serializable permits Estimator, AdamW, Lion, ScheduleFree, Nlarsf {

  /** λ, the (initial) learning rate; finite and ≥ 0. */
  double learningRate();

  /** This rule with another (initial) learning rate. */
  Rule withLearningRate(double learningRate);

  /** The rule's name in kernels and reports: lower case, letters and digits. */
  String name();

  /** The numbers that the rule keeps once for each parameter, in the order of its kernels. */
  default Set<Slot> parameterSlots() {
    return Set.of();
  }

  /** The state that the rule keeps for each element under {@code config}, in the order of its kernels; no noise. */
  Set<Slot> slots(StepConfig config);
}
