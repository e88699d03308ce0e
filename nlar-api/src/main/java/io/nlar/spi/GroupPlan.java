package io.nlar.spi;

import io.nlar.DType;
import io.nlar.Noise;
import io.nlar.Slot;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings of a group as plain numbers, and the scalar formulas of a step, as the host evaluates them: in binary64
 * from unrounded settings, in the order written, rounded to the element type T once (docs/numerics.md). A device that
 * derives them itself does the same operations.
 */
public final class GroupPlan {
  private final StepConfig config;
  private final DType type;
  private final RulePlan rule;

  /** The settings {@code config} for tensors of element type {@code type}. */
  public GroupPlan(StepConfig config, DType type) {
    this.config = config;
    this.type = type;
    this.rule = RulePlan.of(config, type);
  }

  /** The group's settings, as the user gave them. */
  public StepConfig config() {
    return config;
  }

  /** T, the element type of all tensors of the group. */
  public DType type() {
    return type;
  }

  /** The rule with its numbers. */
  public RulePlan rule() {
    return rule;
  }

  /** All state of a parameter: the rule's slots in the order of its kernels, then frozen noise. */
  public List<SlotPlan> slots() {
    List<SlotPlan> slots = new ArrayList<>(rule.slots());
    if (config.noise() instanceof Noise.Frozen) {
      slots.add(new SlotPlan(Slot.NOISE, type, 0));
    }
    return slots;
  }

  /** λ rounded to T. */
  public double learningRate() {
    return type.round(config.rule().learningRate());
  }

  /** b rounded to T, as elements are held to it. */
  public double bound() {
    return type.round(config.scaling().bound());
  }

  /** δ·λ, unrounded. */
  public double decayRate() {
    return config.weightDecay() * config.rule().learningRate();
  }

  /** (δ·λ)·k in T, the share of θ that decoupled weight decay takes. */
  public double weightDecay(double rateFactor) {
    return type.round(decayRate() * rateFactor);
  }

  /** k as far as it is a factor of the gradient; 1 where the rule takes it elsewhere. */
  public double gradientRate(double rateFactor) {
    return rule.scalesGradientByRate() ? rateFactor : 1;
  }

  /**
   * c in T, the factor of the gradient; k·s where the scaling's form has none.
   *
   * @param sumOfSquares S in the scaling's scope, finite
   * @param gradientScale s
   * @param rateFactor k
   */
  public double coefficient(double sumOfSquares, double gradientScale, double rateFactor) {
    return type.round(
        config.scaling().coefficient(sumOfSquares, gradientScale, gradientRate(rateFactor), type.largest()));
  }

  /** The seed of the noise; 0 without noise. */
  public long seed() {
    return config.noise().seed();
  }
}
