package io.nlar.bench.contest;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Nlarsf;
import io.nlar.Noise;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.Storage;
import io.nlar.bench.harness.VerificationException;
import io.nlar.testkit.HostValues;

/**
 * Compares the step that is to be timed with the scalar reference, bit by bit, at its full size: values and gradients
 * repeat, so every period must come out as the reference's one. The sum of squares, whose order depends on the size, is
 * compared to 12 digits and then handed to the reference; that its bits are right is what {@code nlar verify} checks.
 */
final class StepVerification {
  private static final int STEPS = 3;
  private static final double SUM_TOLERANCE = 1e-12;

  private final Tensors tensors;
  private final Step step;
  private final StepConfig config;

  StepVerification(Tensors tensors, Step step, StepConfig config) {
    this.tensors = tensors;
    this.step = step;
    this.config = config;
  }

  void run() {
    tensors.resetValues();
    step.takeValues();
    PeriodReference reference = new PeriodReference(tensors, config);
    // Later steps of Nlarsf take what was observed of whole tensors, which a period does not show.
    int steps = config.rule() instanceof Nlarsf ? 1 : STEPS;
    for (int i = 0; i < steps; i++) {
      step.await(step.run(1, 1));
      double[] sums = config.scaling().needsReduction() ? sums(tensors, step) : new double[2];
      reference.apply(sums[0], sums[1]);
    }
    compare("value", tensors.values(), reference.values());
    if (step.parameters().size() == 1) {
      for (Slot slot : config.slots(tensors.workload().type())) {
        compare(slot.label(), step.state("tensor0", slot), reference.state(slot));
      }
    }
  }

  /** A step's sums of squares, once the total has been checked. */
  static double[] sums(Tensors tensors, Step step) {
    double[] sums = HostValues.read(step.sumsOfSquares());
    double expected = tensors.sumOfSquares();
    if (!(Math.abs(sums[0] - expected) <= SUM_TOLERANCE * expected)) {
      throw new VerificationException("on " + tensors.workload().device().selector() + " the sum of squares is "
          + sums[0] + ", expected " + expected);
    }
    return sums;
  }

  /** Noise and random bits differ from element to element and do not repeat: there only the first period is compared. */
  private void compare(String what, Buffer actual, double[] expected) {
    DType type = tensors.workload().type();
    Storage storage = config.storage(type, type);
    boolean repeats = config.noise() instanceof Noise.None && !storage.roundsState() && !storage.roundsValue();
    long limit = repeats ? actual.length() : Math.min(actual.length(), expected.length);
    long at = Tensors.mismatch(actual, expected, limit);
    if (at >= 0) {
      throw new VerificationException("on " + tensors.workload().device().selector() + " element " + at + " of the "
          + what + " differs from the scalar reference, which has " + expected[(int) (at % expected.length)]
          + "; run nlar verify");
    }
  }
}
