package io.nlar.spi;

import io.nlar.AdamW;
import io.nlar.Estimator;
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

  /** The plan of a group's rule. Here a new rule is registered. */
  static RulePlan of(StepConfig config, Storage storage) {
    return switch (config.rule()) {
      case Estimator estimator -> new NlarPlan(estimator, config, storage);
      case AdamW adamW -> new AdamWPlan(adamW, storage);
    };
  }

  /** Names the file that holds the rule in each language: {@code nlarcm}. */
  String name();

  /** Which form of the rule, where there are several that keep different slots, for example {@code momentum}. */
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

  /** Whether k is a factor of the gradient; else the rule's scalars have it. */
  boolean scalesGradientByRate();

  /** What the slot {@link io.nlar.Slot#RATE} lacks to be the learning rate, in the element type. */
  double rateBase();

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
