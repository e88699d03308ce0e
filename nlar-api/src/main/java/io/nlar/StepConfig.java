package io.nlar;

import java.io.Serializable;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * The settings of one parameter group. Immutable; the withers return changed copies.
 *
 * <p>With f, m, n, h, wf, Q0 and the base from the {@link Estimator}, and p from the {@link Momentum}, every element is
 * updated so (arXiv 2410.09943, in the innovation form of docs/numerics.md):
 *
 * <pre>
 * γ  = base + D
 * ρ  = h > 0 ? (μ·m) / ((1 + |γ|)·h) : 0
 * p  = ρ·v,   u = p + n,   d = u − γ·f
 * θ' = (θ − θ·δλk) + d
 * v' = p − γ·f
 * A' = A + wf·f,   Q' = Q0 + A'
 * D' = f ≠ 0 and Q' ≠ 0 ? D − (wf·u)/Q' : D
 * </pre>
 *
 * <p>Without momentum and without noise nothing is left to estimate: γ stays λ and the step is the stateless
 * θ' = (θ − θ·δλk) − λ·f.
 *
 * @param scaling how gradients are bounded
 * @param rule what is done with the scaled gradient: an {@link Estimator} of the Nlar family, which holds λ, k0 and σ,
 *     or {@link AdamW}, {@link Lion}, {@link ScheduleFree} or {@link Nlarsf}, which have formulas of their own
 * @param momentum the momentum μ of an estimator and its decay; None under other rules
 * @param noise whether and how the model's noise is added; None under other rules
 * @param weightDecay δ, decoupled: θ loses θ·(δ·λ)·k before the update, or as {@link ScheduleFree} has it; finite and ≥ 0
 * @param nonFinite what happens on NaN or infinite gradients
 * @param precision how state, and the exact value behind a narrow one, are kept
 */
public record StepConfig(Scaling scaling, Rule rule, Momentum momentum, Noise noise, double weightDecay,
    NonFinite nonFinite, Precision precision) implements Serializable {

  /** λ of the published code. */
  public static final double DEFAULT_LEARNING_RATE = 0.1;
  /** k0 of the published code. */
  public static final double DEFAULT_PRIOR_WEIGHT = 0.1;
  /** σ of the published code. */
  public static final double DEFAULT_NOISE_SCALE = 1e-19;
  /** η: Nlar's own, from docs/experiments.md. */
  public static final double DEFAULT_SECANT_WEIGHT = 10;

  public StepConfig {
    Objects.requireNonNull(scaling, "scaling");
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(momentum, "momentum");
    Objects.requireNonNull(noise, "noise");
    Objects.requireNonNull(nonFinite, "nonFinite");
    Objects.requireNonNull(precision, "precision");
    Settings.notNegative("weight decay", weightDecay);
    if (!(rule instanceof Estimator) && (momentum.active() || !(noise instanceof Noise.None))) {
      throw new SettingException(rule.name() + " takes no momentum and no noise, which belong to the Nlar estimators;"
          + " given were " + momentum + " and " + noise + ": use Momentum.None and Noise.None, or start from StepConfig." + rule.name() + "()");
    }
    if (nonFinite == NonFinite.UNCHECKED && scaling.needsReduction()) {
      throw new SettingException("NonFinite.UNCHECKED is for element-wise scaling; " + scaling
          + " makes the check at no cost: use SKIP or FAIL");
    }
  }

  /** Settings with state kept in full. */
  public StepConfig(
      Scaling scaling, Rule rule, Momentum momentum, Noise noise, double weightDecay, NonFinite nonFinite) {
    this(scaling, rule, momentum, noise, weightDecay, nonFinite, Precision.full());
  }

  private static StepConfig of(Estimator estimator) {
    return new StepConfig(new Scaling.GlobalNorm(1), estimator, new Momentum.Inverse(1), new Noise.None(), 0,
        NonFinite.AUTO);
  }

  /** Nlarsm with the published defaults: λ = 0.1, k0 = 0.1, σ = 1e-19, μ = 1, decay 1/t, global norm at most 1. */
  public static StepConfig nlarsm() {
    return of(new Estimator.Nlarsm(DEFAULT_LEARNING_RATE, DEFAULT_PRIOR_WEIGHT, DEFAULT_NOISE_SCALE, 0));
  }

  /** Nlarcm with the published defaults: λ = 0.1, k0 = 0.1, σ = 1e-19, μ = 1, decay 1/t, global norm at most 1. */
  public static StepConfig nlarcm() {
    return of(new Estimator.Nlarcm(DEFAULT_LEARNING_RATE, DEFAULT_PRIOR_WEIGHT, DEFAULT_NOISE_SCALE));
  }

  /** The third member of the family (noise proportional to the gradient) with the same defaults. */
  public static StepConfig nlarpm() {
    return of(new Estimator.Nlarpm(DEFAULT_LEARNING_RATE, DEFAULT_PRIOR_WEIGHT, DEFAULT_NOISE_SCALE));
  }

  /** Nlarcm with secants as a second signal, which weigh ten times as much as changes; the same defaults. Nlar's own. */
  public static StepConfig nlarbb() {
    return of(new Estimator.Nlarbb(DEFAULT_LEARNING_RATE, DEFAULT_PRIOR_WEIGHT, DEFAULT_NOISE_SCALE, DEFAULT_SECANT_WEIGHT));
  }

  /** This configuration with another scaling. */
  public StepConfig withScaling(Scaling scaling) {
    return new StepConfig(scaling, rule, momentum, noise, weightDecay, nonFinite, precision);
  }

  /**
   * AdamW with PyTorch's defaults (λ = 1e-3, β1 = 0.9, β2 = 0.999, ε = 1e-8, δ = 0.01) and the gradients' global norm
   * held to 1, as trainers clip it. {@code withScaling(new Scaling.None())} leaves gradients as they are.
   */
  public static StepConfig adamw() {
    return new StepConfig(new Scaling.GlobalNorm(1), new AdamW(1e-3, 0.9, 0.999, 1e-8), new Momentum.None(),
        new Noise.None(), 0.01, NonFinite.AUTO);
  }

  /** {@link #adamw} with Nesterov's momentum, all else as there: NAdamW. It has its published results with a rate that warms up and decays. */
  public static StepConfig nadamw() {
    StepConfig plain = adamw();
    return plain.withRule(((AdamW) plain.rule).withNesterov(true));
  }

  /**
   * Lion with the published defaults (λ = 1e-4, β1 = 0.9, β2 = 0.99, no weight decay) and the gradients' global norm held to 1.
   * Where AdamW has a λ and a δ, its authors take a λ 3 to 10 times smaller and a δ as many times larger.
   */
  public static StepConfig lion() {
    return plain(new Lion(1e-4, 0.9, 0.99));
  }

  /**
   * Schedule-Free AdamW with the published code's defaults (λ = 0.0025, β = 0.9, β2 = 0.999, ε = 1e-8, no weight decay) and
   * the gradients' global norm held to 1. {@code withRule(ScheduleFree.untuned())} takes the rate 3/√N instead.
   */
  public static StepConfig scheduleFree() {
    return plain(new ScheduleFree(0.0025, 0.9, 0.999, 1e-8, ScheduleFree.Unit.ONE));
  }

  /** Experimental: Nlarsf from λ = 1, its other constants as they were found, with the gradients' global norm held to 1. */
  public static StepConfig nlarsf() {
    return plain(new Nlarsf(1));
  }

  private static StepConfig plain(Rule rule) {
    return new StepConfig(
        new Scaling.GlobalNorm(1), rule, new Momentum.None(), new Noise.None(), 0, NonFinite.AUTO);
  }

  /** This configuration with another rule. */
  public StepConfig withRule(Rule rule) {
    return new StepConfig(scaling, rule, momentum, noise, weightDecay, nonFinite, precision);
  }

  /** This configuration with another momentum. */
  public StepConfig withMomentum(Momentum momentum) {
    return new StepConfig(scaling, rule, momentum, noise, weightDecay, nonFinite, precision);
  }

  /** This configuration with another noise. */
  public StepConfig withNoise(Noise noise) {
    return new StepConfig(scaling, rule, momentum, noise, weightDecay, nonFinite, precision);
  }

  /** This configuration with another weight decay δ. */
  public StepConfig withWeightDecay(double weightDecay) {
    return new StepConfig(scaling, rule, momentum, noise, weightDecay, nonFinite, precision);
  }

  /** This configuration with another policy for NaN and infinite gradients. */
  public StepConfig withNonFinite(NonFinite nonFinite) {
    return new StepConfig(scaling, rule, momentum, noise, weightDecay, nonFinite, precision);
  }

  /** This configuration with state, and the exact value behind a narrow one, kept otherwise. */
  public StepConfig withPrecision(Precision precision) {
    return new StepConfig(scaling, rule, momentum, noise, weightDecay, nonFinite, precision);
  }

  /** This configuration with another initial learning rate λ. */
  public StepConfig withLearningRate(double learningRate) {
    return withRule(rule.withLearningRate(learningRate));
  }

  /**
   * This configuration with another prior weight k0.
   *
   * @throws SettingException if the rule is no estimator
   */
  public StepConfig withPriorWeight(double priorWeight) {
    return withRule(estimator().withPriorWeight(priorWeight));
  }

  /**
   * This configuration with another noise scale σ.
   *
   * @throws SettingException if the rule is no estimator
   */
  public StepConfig withNoiseScale(double noiseScale) {
    return withRule(estimator().withNoiseScale(noiseScale));
  }

  /**
   * The rule as an estimator.
   *
   * @throws SettingException if the rule is another
   */
  public Estimator estimator() {
    if (rule instanceof Estimator estimator) {
      return estimator;
    }
    throw new SettingException(rule.name() + " is no Nlar estimator: it has neither a prior weight nor a noise scale;"
        + " start from StepConfig.nlarcm(), nlarsm() or nlarpm(), or give one to withRule");
  }

  /** Whether a noise term is added. */
  public boolean noisy() {
    return !(noise instanceof Noise.None);
  }

  /** Whether the learning rate is estimated, which takes momentum or noise; without both it stays λ. */
  public boolean estimating() {
    return rule instanceof Estimator && (momentum.active() || noisy());
  }

  /**
   * The state tensors that a parameter with wide values keeps under this configuration: those of the rule, its numbers for
   * the whole parameter among them, and frozen noise. {@link #slots(DType)} knows the masters of narrow values too.
   */
  public Set<Slot> slots() {
    EnumSet<Slot> slots = EnumSet.noneOf(Slot.class);
    slots.addAll(rule.slots(this));
    slots.addAll(rule.parameterSlots());
    if (noise instanceof Noise.Frozen) {
      slots.add(Slot.NOISE);
    }
    return slots;
  }

  /**
   * How parameters with values and gradients of these types are kept under this configuration. Where the rule keeps no
   * state, its type is that of the arithmetic, whatever the {@linkplain #precision precision} asks for.
   *
   * @throws SettingException if they cannot be kept so
   */
  public Storage storage(DType value, DType gradient) {
    Storage asked = precision.storage(value, gradient);
    return rule.slots(this).isEmpty() ? asked.withState(asked.arithmetic()) : asked;
  }

  /**
   * The state tensors that a parameter with values of type {@code value} keeps under this configuration.
   *
   * @throws SettingException if the {@linkplain #precision precision} is none for such values
   */
  public Set<Slot> slots(DType value) {
    Set<Slot> slots = slots();
    Slot master = storage(value, value).masterSlot();
    if (master != null) {
      slots.add(master);
    }
    return slots;
  }

  /**
   * Bytes of state for {@code length} elements, before anything is allocated: 12 bytes a FLOAT32 with momentum, 6 where it
   * is compact; with it the remainders (2) or masters (4) of narrow values.
   *
   * @param value the type of the values
   * @throws SettingException if {@code length} is negative, or the bytes are more than a {@code long} counts; or if the
   *     {@linkplain #precision precision} is none for such values
   */
  public long stateBytes(DType value, long length) {
    Storage storage = storage(value, value);
    long each = 0;
    long once = 0;
    for (Slot slot : slots(value)) {
      int bytes = storage.type(slot).bytes();
      each += slot.perParameter() ? 0 : bytes;
      once += slot.perParameter() ? bytes : 0;
    }
    long most = (Long.MAX_VALUE - once) / Math.max(1, each);
    if (length < 0 || each > 0 && length > most) {
      throw new SettingException("the length must be from 0 to " + most + ", not " + length);
    }
    return length * each + once;
  }

  /**
   * These settings as a text that {@link #parse} reads back, for configuration files and logs: {@code
   * StepConfig(scaling=GlobalNorm(bound=1.0), rule=Nlarcm(learningRate=0.1, …), …)}.
   */
  public String text() {
    return SettingsText.of(this);
  }

  /**
   * The settings that {@link #text} wrote; spaces and line breaks between its parts are free.
   *
   * @throws SettingException if it is no such text, or a value is out of its range; says where and what is expected
   */
  public static StepConfig parse(String text) {
    return SettingsText.parse(StepConfig.class, Objects.requireNonNull(text, "text"));
  }
}
