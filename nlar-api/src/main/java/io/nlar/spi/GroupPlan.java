package io.nlar.spi;

import io.nlar.DType;
import io.nlar.Noise;
import io.nlar.Slot;
import io.nlar.StepConfig;
import io.nlar.Storage;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings of a group as plain numbers, and the scalar formulas of a step, as the host evaluates them: in binary64
 * from unrounded settings, in the order written, rounded once to T, the type of the arithmetic (docs/numerics.md). A device that
 * derives them itself does the same operations.
 */
public final class GroupPlan {
  private final StepConfig config;
  private final Storage storage;
  private final RulePlan rule;

  /**
   * The settings {@code config} for tensors of these types.
   *
   * @param elements N, the number of all elements of the step
   * @throws io.nlar.SettingException if the precision of {@code config} is none for them
   */
  public GroupPlan(StepConfig config, DType value, DType gradient, long elements) {
    this.config = config;
    this.storage = config.storage(value, gradient);
    this.rule = RulePlan.of(config, storage, elements);
  }

  /** The settings {@code config} for tensors of these types in a step of one element. */
  public GroupPlan(StepConfig config, DType value, DType gradient) {
    this(config, value, gradient, 1);
  }

  /** The same for values and gradients of one type. */
  public GroupPlan(StepConfig config, DType type) {
    this(config, type, type);
  }

  /** The group's settings, as the user gave them. */
  public StepConfig config() {
    return config;
  }

  /** How values, gradients and state of the group lie in memory. */
  public Storage storage() {
    return storage;
  }

  /** T, the type that the group computes in. */
  public DType type() {
    return storage.arithmetic();
  }

  /** The rule with its numbers. */
  public RulePlan rule() {
    return rule;
  }

  /** All state of a parameter: {@link #slots}, then the numbers that the rule keeps of it as a whole. */
  public List<SlotPlan> allSlots() {
    List<SlotPlan> slots = slots();
    slots.addAll(rule.parameterSlots());
    return slots;
  }

  /** The state of elements: the rule's slots in the order of its kernels, then frozen noise, then remainder or master. */
  public List<SlotPlan> slots() {
    List<SlotPlan> slots = new ArrayList<>(rule.slots());
    if (config.noise() instanceof Noise.Frozen) {
      slots.add(slot(Slot.NOISE));
    }
    if (storage.masterSlot() != null) {
      slots.add(slot(storage.masterSlot()));
    }
    return slots;
  }

  private SlotPlan slot(Slot slot) {
    return new SlotPlan(slot, storage.type(slot), 0);
  }

  /** λ rounded to T. */
  public double learningRate() {
    return type().round(config.rule().learningRate());
  }

  /** b rounded to T, as elements are held to it. */
  public double bound() {
    return type().round(config.scaling().bound());
  }

  /** δ·λ, or δ for a rule that decays itself; unrounded. */
  public double decayRate() {
    return rule.decaysItself() ? config.weightDecay() : config.weightDecay() * config.rule().learningRate();
  }

  /** Whether θ loses a share before the rule's update. */
  public boolean decays() {
    return config.weightDecay() != 0 && !rule.decaysItself();
  }

  /** (δ·λ)·k in T, the share of θ that decoupled weight decay takes; δ for a rule that decays itself. */
  public double weightDecay(double rateFactor) {
    return type().round(rule.decaysItself() ? decayRate() : decayRate() * rateFactor);
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
    return type().round(
        config.scaling().coefficient(sumOfSquares, gradientScale, gradientRate(rateFactor), type().largest()));
  }

  /** S, the seed of the random bits by which numbers are rounded. */
  public long roundingSeed() {
    return config.precision().seed();
  }

  /** The seed of the noise; 0 without noise. */
  public long seed() {
    return config.noise().seed();
  }
}
