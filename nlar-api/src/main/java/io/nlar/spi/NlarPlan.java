package io.nlar.spi;

import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Slot;
import io.nlar.StepConfig;
import io.nlar.Storage;
import java.util.ArrayList;
import java.util.List;

/** The Nlar estimators (docs/numerics.md, "One step"). */
final class NlarPlan implements RulePlan {
  private static final double TWO_POW_MINUS_60 = 0x1p-60;
  /** κ's place among the scalars: behind those that are numbers too. */
  private static final int KAPPA = 5;

  private final Estimator estimator;
  private final Momentum momentum;
  private final boolean estimating;
  private final Storage storage;
  private final DType type;
  /** The scalars that no step changes. Made in the first step: the thread that compiles may flush subnormal numbers. */
  private volatile double[] constants;

  NlarPlan(Estimator estimator, StepConfig config, Storage storage) {
    this.estimator = estimator;
    this.momentum = config.momentum();
    this.estimating = config.estimating();
    this.storage = storage;
    this.type = storage.arithmetic();
  }

  @Override
  public String name() {
    return estimator.name();
  }

  @Override
  public String form() {
    return momentum.active() ? "momentum" : "plain";
  }

  @Override
  public List<SlotPlan> slots() {
    List<SlotPlan> slots = new ArrayList<>();
    if (momentum.active()) {
      slots.add(new SlotPlan(Slot.VELOCITY, storage.state(), 0));
    }
    if (estimating) {
      slots.add(new SlotPlan(Slot.RATE, storage.state(), estimator.keepsRateItself() ? estimator.learningRate() : 0));
      slots.add(new SlotPlan(Slot.WEIGHT, storage.state(), 0));
    }
    if (momentum.active() && estimator instanceof Estimator.Nlarbb) {
      slots.add(new SlotPlan(Slot.PREVIOUS, storage.state(), 0));
    }
    return slots;
  }

  /** λ, μ, σ, the gradient's floor and Q0, all of them in T, the code of the momentum's decay, and η in T. */
  @Override
  public double[] numbers() {
    return new double[] {
      type.round(estimator.learningRate()), type.round(momentum.momentum()), type.round(estimator.noiseScale()),
      floor(), initialWeight(), Codes.of(momentum), type.round(secantWeight())
    };
  }

  /** λ, μ, σ, the gradient's floor, Q0, κ and η. */
  @Override
  public void scalars(long t, double rateFactor, double[] to) {
    double[] known = constants;
    if (known == null) {
      known = numbers();
      constants = known;
    }
    System.arraycopy(known, 0, to, 0, known.length);
    to[KAPPA] = type.round(momentum.decay(t));
  }

  /**
   * The floor of a scaled gradient's magnitude in T. Nlarsm's lower clip: 0, or ten times the smallest normal number
   * where it is positive and below that. For the others the magnitude below which a gradient becomes 0: σ·2⁻⁶⁰ for
   * Nlarcm and Nlarbb (one multiplication in T), 2⁻⁶⁰ for Nlarpm.
   */
  private double floor() {
    return switch (estimator) {
      case Estimator.Nlarsm e -> e.lowerClip() > 0 && e.lowerClip() < type.smallestNormal()
          ? 10 * type.smallestNormal()
          : type.round(e.lowerClip());
      case Estimator.Nlarcm e -> clippedFloor();
      case Estimator.Nlarbb e -> clippedFloor();
      case Estimator.Nlarpm e -> TWO_POW_MINUS_60;
    };
  }

  private double clippedFloor() {
    return type.round(type.round(estimator.noiseScale()) * TWO_POW_MINUS_60);
  }

  /** Q0 in T: k0 for Nlarsm, (k0·σ)·σ for the others. */
  private double initialWeight() {
    double k0 = estimator.priorWeight();
    double sigma = estimator.noiseScale();
    return type.round(estimator instanceof Estimator.Nlarsm ? k0 : (k0 * sigma) * sigma);
  }

  private double secantWeight() {
    return estimator instanceof Estimator.Nlarbb e ? e.secantWeight() : 0;
  }

  @Override
  public boolean scalesGradientByRate() {
    return true;
  }

  @Override
  public double rateBase() {
    return estimator.keepsRateItself() ? 0 : type.round(estimator.learningRate());
  }

  @Override
  public List<Setting> settings() {
    return List.of(
        new Setting("learning rate", estimator.learningRate(), type.round(estimator.learningRate())),
        new Setting("prior weight", estimator.priorWeight(), initialWeight()),
        new Setting("noise scale", estimator.noiseScale(), type.round(estimator.noiseScale())),
        new Setting("lower clip", estimator instanceof Estimator.Nlarsm e ? e.lowerClip() : 0, floor()),
        new Setting("secant weight", secantWeight(), type.round(secantWeight())),
        new Setting("momentum", momentum.momentum(), type.round(momentum.momentum())));
  }
}
