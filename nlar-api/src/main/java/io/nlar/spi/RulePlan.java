package io.nlar.spi;

import io.nlar.AdamW;
import io.nlar.Estimator;
import io.nlar.Lion;
import io.nlar.Nlarsf;
import io.nlar.ScheduleFree;
import io.nlar.Slot;
import io.nlar.StepConfig;
import io.nlar.Storage;
import java.util.List;

/**
 * A rule with its settings as numbers: all that engines and kernels are told of it. Kernels of every language hold the
 * same operations under the rule's {@linkplain #name name}.
 */
public interface RulePlan {

  /** The most {@linkplain #numbers numbers}, and the most {@linkplain #scalars scalars}, that a rule has. */
  int MOST_NUMBERS = 8;

  /** The most numbers that a rule {@linkplain #parameterSlots keeps of a parameter}. */
  int MOST_KEPT = 3;

  /**
   * The plan of a group's rule. Here a new rule is registered.
   *
   * @param elements N, the number of all elements of the step
   */
  static RulePlan of(StepConfig config, Storage storage, long elements) {
    return switch (config.rule()) {
      case Estimator estimator -> new NlarPlan(estimator, config, storage);
      case AdamW adamW -> new AdamWPlan(adamW, storage);
      case Lion lion -> new LionPlan(lion, storage);
      case ScheduleFree scheduleFree -> new AveragedPlan(scheduleFree, storage, elements);
      case Nlarsf nlarsf -> new AveragedPlan(nlarsf, storage, elements);
    };
  }

  /** Names the file that holds the rule in each language: {@code nlarcm}. */
  String name();

  /** Which form of the rule, where several keep different slots or have different formulas, for example {@code momentum}. */
  String form();

  /** The slots that the rule keeps, in the order of its kernels; frozen noise is not among them. */
  List<SlotPlan> slots();

  /**
   * The settings as devices take them to derive the scalars themselves, in binary64 and in the order of the rule's
   * kernels. A number is rounded to the element type already where a formula rounds it first.
   */
  double[] numbers();

  /**
   * The scalars of step {@code t}, in the order of the rule's kernels: computed in binary64 from the numbers, in the
   * order of docs/numerics.md, and rounded to the element type once.
   *
   * @param t the number of the step among the applied ones, from 1
   * @param rateFactor k
   * @param to takes the scalars; has room for {@link #MOST_NUMBERS}
   */
  void scalars(long t, double rateFactor, double[] to);

  /**
   * The numbers that the rule keeps of a parameter as a whole, FLOAT64, in the order of its kernels. A rule that keeps some
   * has scalars that depend on them: the first ones of {@link #scalars}, which {@link #parameterScalars} makes.
   */
  default List<SlotPlan> parameterSlots() {
    return List.of();
  }

  /** The place of {@code slot} among {@link #parameterSlots}; -1 if it is none of them. */
  default int parameterNumber(Slot slot) {
    return parameterSlots().stream().map(SlotPlan::slot).toList().indexOf(slot);
  }

  /**
   * The scalars that depend on what is kept of a parameter: in binary64, rounded to the element type once.
   *
   * @param kept the numbers of {@link #parameterSlots}
   */
  default void parameterScalars(double rateFactor, double[] kept, double[] to) {}

  /** What becomes of a parameter's numbers when its elements have been updated. */
  default void advance(double rateFactor, double[] kept) {}

  /**
   * Whether the update leaves d, its direction, and v, the velocity before it, for three sums over each parameter: Σ d·v, Σ d·d
   * and Σ v·v.
   */
  default boolean observes() {
    return false;
  }

  /** s of a step, from its sums over all parameters that are observed; NaN where they tell nothing. */
  default double evidence(double products, double directions, double velocities) {
    return Double.NaN;
  }

  /** What becomes of a parameter's numbers by the step's s, which is no NaN, and the parameter's own sums. */
  default void learn(double evidence, double products, double directions, double velocities, double[] kept) {}

  /** γ of a parameter with these numbers. */
  default double learningRate(double[] kept) {
    throw new UnsupportedOperationException(name() + " keeps no rate of a parameter");
  }

  /** In the element type the share of the velocity by which a value is beyond the one to evaluate; 0 where they are one. */
  default double evaluated() {
    return 0;
  }

  /** Whether weight decay is a part of the rule's own formula, which then takes δ itself. */
  default boolean decaysItself() {
    return false;
  }

  /** Whether k is a factor of the gradient; else the rule's scalars have it. */
  default boolean scalesGradientByRate() {
    return false;
  }

  /** What the slot {@link io.nlar.Slot#RATE} lacks to be the learning rate, in the element type. */
  default double rateBase() {
    return 0;
  }

  /** Every setting, and what becomes of it in the element type. */
  List<Setting> settings();

  /**
   * A setting of a rule.
   *
   * @param name as users know it
   * @param given what the user gave
   * @param used what a step uses, in the element type
   * @param zeroAllowed whether it may become 0 there
   */
  record Setting(String name, double given, double used, boolean zeroAllowed) {
    /** One that may become 0. */
    public Setting(String name, double given, double used) {
      this(name, given, used, true);
    }
  }
}
