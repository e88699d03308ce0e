package io.nlar.internal;

import io.nlar.spi.StepPlan;

/** Says why a step was refused. */
final class Refusal {
  private Refusal() {}

  /**
   * The reason, as the rest of a sentence.
   *
   * @param offender the first tensor with a sum of squares that is not finite; the number of tensors where only the
   *     total is not
   */
  static String reason(StepPlan plan, int offender) {
    return offender < plan.tensors().size()
        ? "the gradient of parameter '" + plan.tensors().get(offender).name() + "' holds a NaN or an infinity, or its sum"
            + " of squares overflows"
        : "the sum of squares over all gradients overflows";
  }
}
