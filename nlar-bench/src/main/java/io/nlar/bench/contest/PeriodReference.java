package io.nlar.bench.contest;

import io.nlar.Slot;
import io.nlar.StepConfig;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import java.util.List;

/**
 * The scalar reference on one period of a race's values and gradients. The sum of squares is given to it, since that is
 * the one number that depends on how often the period repeats.
 */
public final class PeriodReference {
  private final ReferenceStep step;
  private final ReferenceTensor tensor;

  /** At the start values, before the first step. */
  public PeriodReference(Tensors tensors, StepConfig config) {
    double[] values = tensors.valuePattern();
    step = new ReferenceStep(List.of(
        GroupSpec.of(config, tensors.workload().type(), new TensorSpec("tensor0", values.length))),
        tensors.workload().size());
    tensor = step.tensors().getFirst();
    System.arraycopy(values, 0, tensor.value(), 0, values.length);
    step.takeValues();
    tensor.bindGradient(tensors.gradientPattern(), false);
  }

  /**
   * One step.
   *
   * @param total S over all tensors
   * @param own S of the one tensor
   */
  public void apply(double total, double own) {
    step.sumsOfSquares()[0] = total;
    step.sumsOfSquares()[1] = own;
    step.apply(1, 1);
  }

  /** θ of one period. */
  public double[] values() {
    return tensor.value();
  }

  /** A state tensor of one period; null where the settings keep no such slot. */
  public double[] state(Slot slot) {
    return tensor.state(slot);
  }
}
