package io.nlar.experiments;

import ai.djl.nn.Block;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.cli.WrongArgumentException;
import java.util.List;
import java.util.Optional;

/**
 * An optimizer as users name it.
 *
 * @param name for example {@code nlarcm}, {@code adam}, {@code adamhd:1e-4}
 */
public record OptimizerChoice(String name) {
  private static final String NLARSF = "nlarsf";
  private static final String SCHEDULE_FREE = "schedulefree";
  private static final String ADAM_W = "adamw";
  private static final String ADAM_HD = "adamhd";
  private static final double DEFAULT_HYPER_RATE = 1e-7;
  private static final List<String> NAMES = List.of("nlarsm", "nlarcm", "nlarpm", "nlarbb", NLARSF, SCHEDULE_FREE, "adam", ADAM_W, "rmsprop",
      "adagrad",
      "sgd", ADAM_HD);

  /** Checks that there is such an optimizer. */
  public OptimizerChoice {
    boolean withHyperRate = name.startsWith(ADAM_HD + ":");
    if (!NAMES.contains(name) && !withHyperRate) {
      throw new WrongArgumentException("there is no optimizer '" + name + "'; there are " + String.join(", ", NAMES)
          + " (adamhd has the hypergradient rate 1e-7; adamhd:1e-4 sets another)");
    }
    if (withHyperRate) {
      hyperRate(name);
    }
  }

  private static double hyperRate(String name) {
    int colon = name.indexOf(':');
    if (colon < 0) {
      return DEFAULT_HYPER_RATE;
    }
    try {
      double rate = Double.parseDouble(name.substring(colon + 1));
      if (rate >= 0 && Double.isFinite(rate)) {
        return rate;
      }
    } catch (NumberFormatException notANumber) {
      // reported below with the whole name
    }
    throw new WrongArgumentException("in '" + name + "' the hypergradient rate must be a number of at least 0, for"
        + " example adamhd:1e-4");
  }

  /** Whether it is one of the Nlar estimators. */
  boolean nlar() {
    return name.startsWith("nlar") && !averages();
  }

  /** Whether its value to evaluate is another than the one that gradients are taken at. */
  boolean averages() {
    return name.equals(NLARSF) || name.equals(SCHEDULE_FREE);
  }

  /** Whether its learning rates move. */
  boolean adaptsRate() {
    return name.startsWith("nlar") || name.startsWith(ADAM_HD);
  }

  /**
   * The settings where it is a rule of the library, on the same step as Nlar, global norm at most 1: for the estimators those of
   * the paper's experiments, for AdamW PyTorch's defaults.
   */
  public Optional<StepConfig> ownSettings(double rate) {
    if (nlar()) {
      return Optional.of(config(rate));
    }
    StepConfig rule = switch (name) {
      case NLARSF -> StepConfig.nlarsf();
      case SCHEDULE_FREE -> StepConfig.scheduleFree();
      case ADAM_W -> StepConfig.adamw();
      default -> null;
    };
    return Optional.ofNullable(rule)
        .map(own -> own.withScaling(new Scaling.GlobalNorm(GradientClip.BOUND)).withLearningRate(rate));
  }

  /** The settings of the paper's experiments: μ = 1, σ = 1e-30, k0 = 1, global norm at most 1, no noise. */
  public StepConfig config(double rate) {
    StepConfig config = switch (name) {
      case "nlarsm" -> StepConfig.nlarsm();
      case "nlarpm" -> StepConfig.nlarpm();
      case "nlarbb" -> StepConfig.nlarbb();
      default -> StepConfig.nlarcm();
    };
    return config.withMomentum(new Momentum.Inverse(1)).withNoiseScale(1e-30).withPriorWeight(1)
        .withScaling(new Scaling.GlobalNorm(GradientClip.BOUND)).withLearningRate(rate);
  }

  /**
   * A new optimizer for one run.
   *
   * @param precision of the library's own
   */
  TrainingStep open(double rate, Precision precision, Device device, Block block) {
    Optional<StepConfig> own = ownSettings(rate);
    if (own.isPresent()) {
      // Averaged rules know no other precision.
      return new NlarStep(averages() ? own.get() : own.get().withPrecision(precision), device, block);
    }
    if (name.startsWith(ADAM_HD)) {
      return new AdamHdStep(rate, hyperRate(name));
    }
    if (name.equals("rmsprop")) {
      return SquaresStep.rmsProp(rate);
    }
    if (name.equals("adagrad")) {
      return SquaresStep.adagrad(rate);
    }
    Tracker fixed = Tracker.fixed((float) rate);
    return new DjlStep(manager -> switch (name) {
      case "adam" -> ManagedOptimizers.adam(Optimizer.adam().optLearningRateTracker(fixed), manager);
      case "sgd" -> Optimizer.sgd().setLearningRateTracker(fixed).build(); // without momentum it keeps no state
      default -> throw new AssertionError(name);
    }, rate);
  }
}
