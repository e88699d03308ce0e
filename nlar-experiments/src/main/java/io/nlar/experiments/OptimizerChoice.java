package io.nlar.experiments;

import ai.djl.nn.Block;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.nlar.Device;
import io.nlar.Lion;
import io.nlar.Momentum;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.cli.WrongArgumentException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/**
 * An optimizer as users name it.
 *
 * @param name for example {@code nlarcm}, {@code adam}, {@code adamhd:1e-4}
 */
public record OptimizerChoice(String name) implements Serializable {
  private static final String NLARSF = "nlarsf";
  private static final String SCHEDULE_FREE = "schedulefree";
  private static final String ADAM_W = "adamw";
  private static final String ADAM_HD = "adamhd";
  private static final double DEFAULT_HYPER_RATE = 1e-7;
  private static final String N_ADAM_W = "nadamw";
  private static final String LION = "lion";
  private static final String PRODIGY = "prodigy";
  private static final String D_ADAPTATION = "dadaptation";
  private static final String DOG = "dog";
  private static final List<String> NAMES = List.of("nlarsm", "nlarcm", "nlarpm", "nlarbb", NLARSF, SCHEDULE_FREE, "adam", ADAM_W, "rmsprop",
      "adagrad", "sgd", N_ADAM_W, LION, PRODIGY, D_ADAPTATION, DOG, ADAM_HD);
  private static final Set<String> MOVING = Set.of(N_ADAM_W, PRODIGY, D_ADAPTATION, DOG);

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
    return name.startsWith("nlar") || name.startsWith(ADAM_HD) || MOVING.contains(name);
  }

  /**
   * The initial rate of its published configuration: the default of the library's rule, of the authors' code or paper, or of
   * PyTorch. What an initial rate is to optimizers that have none of that name, {@link #open} says.
   */
  double defaultRate() {
    return switch (name) {
      case "sgd", "adam" -> 1e-3;
      case "rmsprop" -> SquaresStep.RMS_PROP_RATE;
      case "adagrad" -> SquaresStep.ADAGRAD_RATE;
      case PRODIGY -> ProdigyStep.DEFAULT_DISTANCE;
      case D_ADAPTATION -> DAdaptAdamStep.DEFAULT_DISTANCE;
      case DOG -> DogStep.DEFAULT_DISTANCE;
      default -> rule().map(rule -> rule.rule().learningRate()).orElse(AdamHdStep.DEFAULT_RATE);
    };
  }

  private static String lion(Lion rule) {
    return "β1 = " + rule.beta1() + ", β2 = " + rule.beta2() + ", no weight decay, constant rate";
  }

  /** Settings beside the rate, for people, of those that are as their authors published them; empty for others. */
  Optional<String> published() {
    return Optional.ofNullable(switch (name) {
      case N_ADAM_W -> PublishedNAdamW.SETTINGS;
      case LION -> lion((Lion) StepConfig.lion().rule());
      case PRODIGY -> ProdigyStep.SETTINGS;
      case D_ADAPTATION -> DAdaptAdamStep.SETTINGS;
      case DOG -> DogStep.SETTINGS;
      default -> null;
    });
  }

  /** The initial rate that is meant by {@code rate}: itself, or the default where it is NaN. */
  double rate(double rate) {
    return Double.isNaN(rate) ? defaultRate() : rate;
  }

  /** The rule of the library that it is, in the settings of the experiments; empty where it is none. */
  private Optional<StepConfig> rule() {
    return Optional.ofNullable(switch (name) {
      case NLARSF -> StepConfig.nlarsf();
      case SCHEDULE_FREE -> StepConfig.scheduleFree();
      case ADAM_W -> StepConfig.adamw();
      case N_ADAM_W -> PublishedNAdamW.config();
      case LION -> StepConfig.lion();
      default -> nlar() ? estimator() : null;
    }).map(rule -> rule.withScaling(new Scaling.GlobalNorm(GradientClip.BOUND)));
  }

  /**
   * The settings where it is a rule of the library, on the same step as Nlar, global norm at most 1: for the estimators those of
   * the paper's experiments, for AdamW PyTorch's defaults, for the others what was published.
   */
  public Optional<StepConfig> ownSettings(double rate) {
    return rule().map(rule -> rule.withLearningRate(rate));
  }

  /**
   * The factor of the rate in a step: that of nadamw's schedule, 1 for the others.
   *
   * @param step its number, from 1
   * @param steps how many updates the run has, or at most has
   */
  public double rateFactor(long step, long steps) {
    return name.equals(N_ADAM_W) ? PublishedNAdamW.rateFactor(step, steps) : 1;
  }

  /** {@link #rateFactor} by the number of a step of so many. */
  IntToDoubleFunction schedule(long steps) {
    return step -> rateFactor(step, steps);
  }

  /** The settings of the paper's experiments: μ = 1, σ = 1e-30, k0 = 1, global norm at most 1, no noise. */
  public StepConfig config(double rate) {
    return estimator().withScaling(new Scaling.GlobalNorm(GradientClip.BOUND)).withLearningRate(rate);
  }

  private StepConfig estimator() {
    StepConfig config = switch (name) {
      case "nlarsm" -> StepConfig.nlarsm();
      case "nlarpm" -> StepConfig.nlarpm();
      case "nlarbb" -> StepConfig.nlarbb();
      default -> StepConfig.nlarcm();
    };
    return config.withMomentum(new Momentum.Inverse(1)).withNoiseScale(1e-30).withPriorWeight(1);
  }

  /**
   * A new optimizer for one run.
   *
   * @param rate the initial learning rate: λ of the library's rules, the constant rate of adam and its like, α at first of
   *     adamhd, the highest rate of nadamw's schedule, d0 of prodigy and dadaptation, rε of dog relative to 1 + ‖θ0‖
   * @param precision of the library's own
   * @param steps how many updates the run has, or at most has, for schedules
   */
  TrainingStep open(double rate, Precision precision, long steps, Device device, Block block) {
    Optional<StepConfig> own = ownSettings(rate);
    if (own.isPresent()) {
      return new NlarStep(own.get().withPrecision(precision), schedule(steps), device, block);
    }
    if (name.startsWith(ADAM_HD)) {
      return new AdamHdStep(rate, hyperRate(name));
    }
    return switch (name) {
      case "rmsprop" -> SquaresStep.rmsProp(rate);
      case "adagrad" -> SquaresStep.adagrad(rate);
      case PRODIGY -> new ProdigyStep(rate);
      case D_ADAPTATION -> new DAdaptAdamStep(rate);
      case DOG -> new DogStep(rate, block.getParameters().values());
      case "adam" -> new DjlStep(manager -> ManagedOptimizers.adam(Optimizer.adam().optLearningRateTracker(fixed(rate)), manager),
          rate);
      // Without momentum it keeps no state.
      case "sgd" -> new DjlStep(manager -> Optimizer.sgd().setLearningRateTracker(fixed(rate)).build(), rate);
      default -> throw new AssertionError(name);
    };
  }

  private static Tracker fixed(double rate) {
    return Tracker.fixed((float) rate);
  }
}
