package io.nlar.spi;

import io.nlar.AdamW;
import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.Storage;
import java.util.List;

/** AdamW (docs/numerics.md, "AdamW"). */
record AdamWPlan(AdamW rule, Storage storage) implements RulePlan {

  private DType type() {
    return storage.arithmetic();
  }

  @Override
  public String name() {
    return rule.name();
  }

  @Override
  public String form() {
    return rule.nesterov() ? "nesterov" : "means";
  }

  @Override
  public List<SlotPlan> slots() {
    return List.of(new SlotPlan(Slot.MEAN, storage.state(), 0), new SlotPlan(Slot.SQUARE, storage.state(), 0));
  }

  /** λ, β1, β2 and ε, unrounded. */
  @Override
  public double[] numbers() {
    return new double[] {rule.learningRate(), rule.beta1(), rule.beta2(), rule.epsilon()};
  }

  /** η = (λ·k)/(1 − β1ᵗ), √(1 − β2ᵗ), 1 − β1, β2, 1 − β2 and ε. */
  @Override
  public void scalars(long t, double rateFactor, double[] to) {
    to[0] = type().round((rule.learningRate() * rateFactor) / (1 - power(rule.beta1(), t)));
    to[1] = type().round(Math.sqrt(1 - power(rule.beta2(), t)));
    to[2] = type().round(1 - rule.beta1());
    to[3] = type().round(rule.beta2());
    to[4] = type().round(1 - rule.beta2());
    to[5] = type().round(rule.epsilon());
  }

  /** xᵗ by squaring, from the lowest bit of t on: the same multiplications on every device. */
  static double power(double x, long t) {
    double power = 1;
    for (long bits = t; bits > 0; bits >>= 1) {
      if ((bits & 1) != 0) {
        power *= x;
      }
      x *= x;
    }
    return power;
  }

  /** An ε that becomes 0 would divide 0 by 0 where no gradient ever came. */
  @Override
  public List<Setting> settings() {
    return List.of(
        new Setting("learning rate", rule.learningRate(), type().round(rule.learningRate())),
        new Setting("epsilon", rule.epsilon(), type().round(rule.epsilon()), false));
  }
}
