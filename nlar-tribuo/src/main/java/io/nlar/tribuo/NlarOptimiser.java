package io.nlar.tribuo;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import io.nlar.AdamW;
import io.nlar.Backends;
import io.nlar.CallOrderException;
import io.nlar.Estimator;
import io.nlar.Lion;
import io.nlar.Nlarsf;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.ParameterException;
import io.nlar.Rule;
import io.nlar.ScheduleFree;
import io.nlar.SettingException;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.util.Objects;
import org.tribuo.math.Parameters;
import org.tribuo.math.StochasticGradientOptimiser;
import org.tribuo.math.la.Tensor;

/**
 * Nlar as a gradient optimiser of Tribuo, for every trainer that takes one.
 *
 * <pre>{@code
 * var trainer = new LinearSGDTrainer(new LogMulticlass(), new NlarOptimiser(StepConfig.nlarcm()), 5, seed);
 * }</pre>
 *
 * <p>All tensors of a model are one step in float64, so that a global norm spans them all. Tribuo adds what
 * {@link #step} returns: dense tensors, also where gradients are sparse, for momentum moves every element. They are this
 * optimiser's own and valid until its next step.
 *
 * <p>The weight of an example, or the mean weight of a mini-batch, multiplies the gradient before it is bounded (Tribuo's
 * own optimisers ignore it).
 *
 * <p>The settings are those of a {@link StepConfig}, one field each, and can be given in Tribuo's configuration files;
 * fields that a rule does not know are ignored. They are in the model's provenance, from which the optimiser can be made
 * again. State is kept from {@link #initialise} to {@link #reset}, which trainers call; it is not part of a model.
 */
public final class NlarOptimiser implements StochasticGradientOptimiser {

  @Config(description = "The rule: NLARCM, NLARSM, NLARPM, NLARBB, ADAMW, NADAMW or LION.")
  private RuleKind rule = RuleKind.NLARCM;

  @Config(description = "Initial learning rate (lambda).")
  private double initialLearningRate = StepConfig.DEFAULT_LEARNING_RATE;

  @Config(description = "Prior weight (k0) of an estimator.")
  private double priorWeight = StepConfig.DEFAULT_PRIOR_WEIGHT;

  @Config(description = "Noise scale (sigma) of an estimator.")
  private double noiseScale = StepConfig.DEFAULT_NOISE_SCALE;

  @Config(description = "Lower bound of the gradients under NLARSM.")
  private double lowerClip = 0;

  @Config(description = "What a secant weighs against a change, under NLARBB.")
  private double secantWeight = StepConfig.DEFAULT_SECANT_WEIGHT;

  @Config(description = "First beta of ADAMW, NADAMW and LION.")
  private double betaOne = 0.9;

  @Config(description = "Second beta of ADAMW, NADAMW and LION; that of LION is 0.99 as published.")
  private double betaTwo = 0.999;

  @Config(description = "Epsilon of ADAMW and NADAMW.")
  private double epsilon = 1e-8;

  @Config(description = "How gradients are bounded.")
  private ScalingKind scaling = ScalingKind.GLOBAL_NORM;

  @Config(description = "The bound.")
  private double bound = 1;

  @Config(description = "How the momentum decays; NONE under ADAMW, NADAMW and LION.")
  private MomentumKind momentumDecay = MomentumKind.INVERSE;

  @Config(description = "Momentum (mu).")
  private double momentum = 1;

  @Config(description = "Whether noise is added.")
  private NoiseKind noise = NoiseKind.NONE;

  @Config(description = "Seed of the noise.")
  private long noiseSeed = 0;

  @Config(description = "What the noise is distributed as.")
  private Noise.Distribution noiseDistribution = Noise.Distribution.UNIFORM;

  @Config(description = "Decoupled weight decay.")
  private double weightDecay = 0;

  @Config(description = "What happens on NaN or infinite gradients.")
  private NonFinite nonFinite = NonFinite.AUTO;

  @Config(description = "Selector of the device that runs the steps.")
  private String device = "cpu";

  private StepConfig config;
  private FlatModel model;

  /** For configuration files, which set the fields: Nlarcm with the published defaults. */
  private NlarOptimiser() {}

  /**
   * An optimiser of these settings, on the CPU.
   *
   * @param config the settings of the step
   */
  public NlarOptimiser(StepConfig config) {
    this(config, "cpu");
  }

  /**
   * An optimiser of these settings.
   *
   * @param config the settings of the step
   * @param device selector of the device that runs the steps, as for {@link Backends#open(String)}. Tribuo's tensors
   *     are on the Java heap: other devices than the CPU get copies
   */
  public NlarOptimiser(StepConfig config, String device) {
    this.config = Objects.requireNonNull(config, "config");
    this.device = Objects.requireNonNull(device, "device");
    rule = RuleKind.of(config.rule());
    initialLearningRate = config.rule().learningRate();
    switch (config.rule()) {
      case Estimator estimator -> {
        priorWeight = estimator.priorWeight();
        noiseScale = estimator.noiseScale();
        lowerClip = estimator instanceof Estimator.Nlarsm nlarsm ? nlarsm.lowerClip() : 0;
        secantWeight = estimator instanceof Estimator.Nlarbb nlarbb ? nlarbb.secantWeight() : StepConfig.DEFAULT_SECANT_WEIGHT;
      }
      case AdamW adamW -> {
        betaOne = adamW.beta1();
        betaTwo = adamW.beta2();
        epsilon = adamW.epsilon();
      }
      case Lion lion -> {
        betaOne = lion.beta1();
        betaTwo = lion.beta2();
      }
      case ScheduleFree refused -> throw new AssertionError("RuleKind refuses it");
      case Nlarsf refused -> throw new AssertionError("RuleKind refuses it");
    }
    scaling = ScalingKind.of(config.scaling());
    bound = ScalingKind.boundOf(config.scaling());
    momentumDecay = MomentumKind.of(config.momentum());
    momentum = config.momentum().momentum();
    noise = NoiseKind.of(config.noise());
    noiseSeed = config.noise().seed();
    noiseDistribution = config.noise().distribution();
    weightDecay = config.weightDecay();
    nonFinite = config.nonFinite();
  }

  /** Checks the fields that a configuration file has set. */
  @Override
  public void postConfig() {
    Rule made = switch (rule) {
      case NLARCM -> new Estimator.Nlarcm(initialLearningRate, priorWeight, noiseScale);
      case NLARSM -> new Estimator.Nlarsm(initialLearningRate, priorWeight, noiseScale, lowerClip);
      case NLARPM -> new Estimator.Nlarpm(initialLearningRate, priorWeight, noiseScale);
      case NLARBB -> new Estimator.Nlarbb(initialLearningRate, priorWeight, noiseScale, secantWeight);
      case ADAMW -> new AdamW(initialLearningRate, betaOne, betaTwo, epsilon);
      case NADAMW -> new AdamW(initialLearningRate, betaOne, betaTwo, epsilon, true);
      case LION -> new Lion(initialLearningRate, betaOne, betaTwo);
    };
    config = new StepConfig(scaling.with(bound), made, momentumDecay.with(momentum),
        noise.with(noiseSeed, noiseDistribution), weightDecay, nonFinite);
  }

  /** The settings. */
  public StepConfig config() {
    return config;
  }

  /**
   * Starts anew with these parameters: opens the device and takes memory for gradients, values and state.
   *
   * @throws ParameterException if a tensor is neither a DenseVector nor a DenseMatrix, or all together are too long
   *     for an array
   * @throws io.nlar.DeviceUnavailableException if there is no such device
   */
  @Override
  public void initialise(Parameters parameters) {
    reset();
    model = new FlatModel(config, device, parameters.get());
  }

  /**
   * One step.
   *
   * @param gradients those of the parameters given to {@link #initialise}, in their order; left as they are
   * @param weight of the gradients, finite and ≥ 0; 0 takes them as 0
   * @return the updates, to be added to the parameters; overwritten by the next step
   * @throws CallOrderException before {@link #initialise}
   * @throws ParameterException if number or shapes of the gradients do not fit
   * @throws SettingException if the weight is out of its range
   * @throws io.nlar.NonFiniteGradientException under {@link NonFinite#FAIL}
   */
  @Override
  public Tensor[] step(Tensor[] gradients, double weight) {
    checkInitialised();
    if (gradients.length != model.size()) {
      throw new ParameterException("there are " + gradients.length + " gradients, but initialise was given "
          + model.size() + " tensors; hand over one gradient each");
    }
    if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
      throw new SettingException("the weight of the gradients must be finite and not negative, but it is " + weight);
    }
    // A gradient scale is > 0, but a rate factor of 0 makes all scaled gradients 0 too.
    return weight == 0 ? model.updates(gradients, 1, 0) : model.updates(gradients, weight, 1);
  }

  /**
   * The step underneath: statistics, learning rates, state. The tensors are {@code parameter0}, {@code parameter1}, ...
   *
   * @throws CallOrderException before {@link #initialise} and after {@link #reset}
   */
  public Step step() {
    checkInitialised();
    return model.step();
  }

  private void checkInitialised() {
    if (model == null) {
      throw new CallOrderException("the optimiser has no parameters: call initialise(parameters) first; reset() takes"
          + " them away");
    }
  }

  /** Forgets the parameters and frees the state. */
  @Override
  public void reset() {
    if (model != null) {
      model.close();
      model = null;
    }
  }

  /** One of the same settings, without parameters and state. */
  @Override
  public NlarOptimiser copy() {
    return new NlarOptimiser(config, device);
  }

  @Override
  public ConfiguredObjectProvenance getProvenance() {
    return new ConfiguredObjectProvenanceImpl(this, "StochasticGradientOptimiser");
  }

  @Override
  public String toString() {
    return "NlarOptimiser(config=" + config + ",device=" + device + ")";
  }
}
