package io.nlar.cpu.kernel;

import io.nlar.spi.GroupPlan;
import io.nlar.spi.RulePlan;

/**
 * The scalars of one step and group, all of them rounded to the element type: those of the scaling and the weight decay,
 * then the rule's (names as in docs/numerics.md, order as in src/kernels).
 */
public final class Scalars {
  /** c. */
  private static final int COEFFICIENT = 0;
  /** s, k and b, under element-wise scalings. */
  private static final int GRADIENT_SCALE = 1;
  private static final int RATE_FACTOR = 2;
  private static final int BOUND = 3;
  /** δλk. */
  private static final int WEIGHT_DECAY = 4;
  private static final int RULE = 5;

  private final GroupPlan group;
  private final double[] rule = new double[RulePlan.MOST_NUMBERS];
  private final double[] numbers = new double[RULE + RulePlan.MOST_NUMBERS];

  /** The scalars of a group; none are set yet. */
  public Scalars(GroupPlan group) {
    this.group = group;
    numbers[BOUND] = group.bound();
  }

  /**
   * Derives the scalars of step {@code t}.
   *
   * @param sumOfSquares S of the whole step
   */
  public void derive(long t, double gradientScale, double rateFactor, double sumOfSquares) {
    numbers[GRADIENT_SCALE] = group.type().round(gradientScale);
    numbers[RATE_FACTOR] = group.type().round(group.gradientRate(rateFactor));
    numbers[WEIGHT_DECAY] = group.weightDecay(rateFactor);
    group.rule().scalars(t, rateFactor, rule);
    System.arraycopy(rule, 0, numbers, RULE, rule.length);
    numbers[COEFFICIENT] = group.coefficient(sumOfSquares, gradientScale, rateFactor);
  }

  /** The scalars as kernels take them; live. */
  public double[] numbers() {
    return numbers;
  }

  /** The same for a tensor that is scaled by its own S, in {@code to}, which has room for {@link #length}. */
  public double[] forTensor(double[] to, double sumOfSquares, double gradientScale, double rateFactor) {
    System.arraycopy(numbers, 0, to, 0, numbers.length);
    to[COEFFICIENT] = group.coefficient(sumOfSquares, gradientScale, rateFactor);
    return to;
  }

  /** Numbers of any group. */
  public static int length() {
    return RULE + RulePlan.MOST_NUMBERS;
  }
}
