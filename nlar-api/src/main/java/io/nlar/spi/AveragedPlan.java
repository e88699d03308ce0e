package io.nlar.spi;

import io.nlar.DType;
import io.nlar.Nlarsf;
import io.nlar.Rule;
import io.nlar.ScheduleFree;
import io.nlar.Slot;
import io.nlar.Storage;
import java.util.List;

/** Schedule-Free AdamW and Nlarsf (docs/numerics.md, "Averaged rules"). */
final class AveragedPlan implements RulePlan {
  // What is kept of a parameter.
  private static final int LOG_RATE = 0;
  private static final int PEAK = 0;
  private static final int AVERAGED = 1;
  private static final int EVIDENCE = 2;

  private final Rule rule;
  private final Storage storage;
  private final double beta;
  private final double beta2;
  private final double epsilon;
  /** What rates are divided by: √N or 1. */
  private final double unit;
  /** ln γmax of Nlarsf. */
  private final double mostLogRate;

  AveragedPlan(Nlarsf rule, Storage storage, long elements) {
    this(rule, storage, rule.beta(), rule.beta2(), rule.epsilon(), root(elements));
  }

  AveragedPlan(ScheduleFree rule, Storage storage, long elements) {
    this(rule, storage, rule.beta1(), rule.beta2(), rule.epsilon(),
        rule.unit() == ScheduleFree.Unit.ONE ? 1 : root(elements));
  }

  private AveragedPlan(Rule rule, Storage storage, double beta, double beta2, double epsilon, double unit) {
    this.rule = rule;
    this.storage = storage;
    this.beta = beta;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.unit = unit;
    this.mostLogRate = rule instanceof Nlarsf nlarsf ? StrictMath.log(nlarsf.largestRate()) : Double.NaN;
  }

  /** √N; of a step without elements 1. */
  private static double root(long elements) {
    return Math.sqrt(Math.max(1, elements));
  }

  private DType type() {
    return storage.arithmetic();
  }

  @Override
  public String name() {
    return rule.name();
  }

  @Override
  public String form() {
    return "averaged";
  }

  @Override
  public List<SlotPlan> slots() {
    return List.of(new SlotPlan(Slot.VELOCITY, storage.state(), 0), new SlotPlan(Slot.SQUARE, storage.state(), 0));
  }

  /** Nlarsf: ℓ, W and E. Schedule-Free: R and W. */
  @Override
  public List<SlotPlan> parameterSlots() {
    SlotPlan averaged = new SlotPlan(Slot.AVERAGED, DType.FLOAT64, 0);
    return rule instanceof Nlarsf nlarsf
        ? List.of(
            new SlotPlan(Slot.LOG_RATE, DType.FLOAT64,
                StrictMath.log(Math.min(nlarsf.learningRate(), nlarsf.largestRate()))),
            averaged, new SlotPlan(Slot.EVIDENCE, DType.FLOAT64, 1))
        : List.of(new SlotPlan(Slot.PEAK, DType.FLOAT64, 0), averaged);
  }

  /** β, β2, ε and the unit; behind them λ, or ln γmax, K0, η and b0. */
  @Override
  public double[] numbers() {
    return switch (rule) {
      case Nlarsf r -> new double[] {
        beta, beta2, epsilon, unit, mostLogRate, r.growth(), r.gain(), r.bias()
      };
      default -> new double[] {beta, beta2, epsilon, unit, rule.learningRate()};
    };
  }

  /** Those behind the four that depend on the parameter: √(1 − β2ᵗ), β2, 1 − β2 and ε. */
  @Override
  public void scalars(long t, double rateFactor, double[] to) {
    to[4] = type().round(Math.sqrt(1 - AdamWPlan.power(beta2, t)));
    to[5] = type().round(beta2);
    to[6] = type().round(1 - beta2);
    to[7] = type().round(epsilon);
  }

  /** β·c, ((1 − β) + β·c)·α, 1 − c and α. */
  @Override
  public void parameterScalars(double rateFactor, double[] kept, double[] to) {
    double rate = rate(rateFactor, kept);
    double weight = rate * rate;
    double averaged = kept[AVERAGED] + weight;
    double c = averaged > 0 ? weight / averaged : 0;
    double alpha = stepRate(rateFactor, kept) / unit;
    to[0] = type().round(beta * c);
    to[1] = type().round(((1 - beta) + beta * c) * alpha);
    to[2] = type().round(1 - c);
    to[3] = type().round(alpha);
  }

  /** The root of the average's weight of a step: k·γ, or the largest λ·k so far. */
  private double rate(double rateFactor, double[] kept) {
    double own = stepRate(rateFactor, kept);
    return rule instanceof Nlarsf || own > kept[PEAK] ? own : kept[PEAK];
  }

  /** k·γ, or λ·k. */
  private double stepRate(double rateFactor, double[] kept) {
    return rateFactor * learningRate(kept);
  }

  @Override
  public void advance(double rateFactor, double[] kept) {
    double rate = rate(rateFactor, kept);
    kept[AVERAGED] = kept[AVERAGED] + rate * rate;
    if (rule instanceof ScheduleFree) {
      kept[PEAK] = rate;
    }
  }

  @Override
  public boolean observes() {
    return rule instanceof Nlarsf;
  }

  @Override
  public double evidence(double products, double directions, double velocities) {
    double scale = directions * velocities;
    if (!positive(scale)) {
      return Double.NaN;
    }
    double z = (unit * -products) / Math.sqrt(scale);
    return z / (1 + Math.abs(z));
  }

  private static boolean positive(double scale) {
    return scale > 0 && scale <= Double.MAX_VALUE;
  }

  @Override
  public void learn(double evidence, double products, double directions, double velocities, double[] kept) {
    Nlarsf learning = (Nlarsf) rule;
    double scale = directions * velocities;
    if (positive(scale)) {
      double own = -products / Math.sqrt(scale) + learning.bias();
      double grown = kept[LOG_RATE] + (growth(evidence, kept) + learning.gain() * own);
      kept[LOG_RATE] = grown < mostLogRate ? grown : mostLogRate;
    }
    kept[EVIDENCE] = kept[EVIDENCE] + (1 - evidence);
  }

  /** How far the evidence of the step raises ℓ, which is not above 0, a rate of 1. */
  private double growth(double evidence, double[] kept) {
    double most = kept[LOG_RATE] < 0 ? -kept[LOG_RATE] : 0;
    double growth = evidence > 0 ? (((Nlarsf) rule).growth() * evidence) / (1 + kept[EVIDENCE]) : 0;
    return growth < most ? growth : most;
  }

  @Override
  public double learningRate(double[] kept) {
    return rule instanceof Nlarsf ? Exponential.of(kept[LOG_RATE]) : rule.learningRate();
  }

  @Override
  public double evaluated() {
    return type().round(1 - beta);
  }

  @Override
  public boolean decaysItself() {
    return true;
  }

  /** An ε that becomes 0 would divide 0 by 0 where no gradient ever came. */
  @Override
  public List<Setting> settings() {
    return List.of(
        new Setting("learning rate", rule.learningRate(), type().round(rule.learningRate())),
        new Setting("epsilon", epsilon, type().round(epsilon), false));
  }
}
