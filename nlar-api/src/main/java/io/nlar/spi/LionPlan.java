package io.nlar.spi;

import io.nlar.DType;
import io.nlar.Lion;
import io.nlar.Slot;
import io.nlar.Storage;
import java.util.List;

/** Lion (docs/numerics.md, "Lion"). */
record LionPlan(Lion rule, Storage storage) implements RulePlan {

  private DType type() {
    return storage.arithmetic();
  }

  @Override
  public String name() {
    return rule.name();
  }

  @Override
  public String form() {
    return "mean";
  }

  @Override
  public List<SlotPlan> slots() {
    return List.of(new SlotPlan(Slot.MEAN, storage.state(), 0));
  }

  /** λ, β1 and β2, unrounded. */
  @Override
  public double[] numbers() {
    return new double[] {rule.learningRate(), rule.beta1(), rule.beta2()};
  }

  /** η = λ·k, β1, 1 − β1, β2 and 1 − β2. */
  @Override
  public void scalars(long t, double rateFactor, double[] to) {
    to[0] = type().round(rule.learningRate() * rateFactor);
    to[1] = type().round(rule.beta1());
    to[2] = type().round(1 - rule.beta1());
    to[3] = type().round(rule.beta2());
    to[4] = type().round(1 - rule.beta2());
  }

  @Override
  public List<Setting> settings() {
    return List.of(new Setting("learning rate", rule.learningRate(), type().round(rule.learningRate())));
  }
}
