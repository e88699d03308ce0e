package io.nlar;

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
 * @param estimator how the learning rate is estimated; holds λ, k0 and σ
 * @param momentum the momentum μ and its decay
 * @param noise whether and how the model's noise is added
 * @param weightDecay δ, decoupled: θ loses θ·(δ·λ)·k before the update; finite and ≥ 0
 * @param nonFinite what happens on NaN or infinite gradients
 */
public record StepConfig(
    Scaling scaling, Estimator estimator, Momentum momentum, Noise noise, double weightDecay, NonFinite nonFinite) {

  /** λ of the published code. */
  public static final double DEFAULT_LEARNING_RATE = 0.1;
  /** k0 of the published code. */
  public static final double DEFAULT_PRIOR_WEIGHT = 0.1;
  /** σ of the published code. */
  public static final double DEFAULT_NOISE_SCALE = 1e-19;

  public StepConfig {
    Objects.requireNonNull(scaling, "scaling");
    Objects.requireNonNull(estimator, "estimator");
    Objects.requireNonNull(momentum, "momentum");
    Objects.requireNonNull(noise, "noise");
    Objects.requireNonNull(nonFinite, "nonFinite");
    Settings.notNegative("weight decay", weightDecay);
    if (nonFinite == NonFinite.UNCHECKED && scaling.needsReduction()) {
      throw new SettingException("NonFinite.UNCHECKED is for element-wise scaling; " + scaling
          + " makes the check at no cost: use SKIP or FAIL");
    }
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

  /** This configuration with another scaling. */
  public StepConfig withScaling(Scaling scaling) {
    return new StepConfig(scaling, estimator, momentum, noise, weightDecay, nonFinite);
  }

  /** This configuration with another estimator. */
  public StepConfig withEstimator(Estimator estimator) {
    return new StepConfig(scaling, estimator, momentum, noise, weightDecay, nonFinite);
  }

  /** This configuration with another momentum. */
  public StepConfig withMomentum(Momentum momentum) {
    return new StepConfig(scaling, estimator, momentum, noise, weightDecay, nonFinite);
  }

  /** This configuration with another noise. */
  public StepConfig withNoise(Noise noise) {
    return new StepConfig(scaling, estimator, momentum, noise, weightDecay, nonFinite);
  }

  /** This configuration with another weight decay δ. */
  public StepConfig withWeightDecay(double weightDecay) {
    return new StepConfig(scaling, estimator, momentum, noise, weightDecay, nonFinite);
  }

  /** This configuration with another policy for NaN and infinite gradients. */
  public StepConfig withNonFinite(NonFinite nonFinite) {
    return new StepConfig(scaling, estimator, momentum, noise, weightDecay, nonFinite);
  }

  /** This configuration with another initial learning rate λ. */
  public StepConfig withLearningRate(double learningRate) {
    return withEstimator(estimator.withLearningRate(learningRate));
  }

  /** This configuration with another prior weight k0. */
  public StepConfig withPriorWeight(double priorWeight) {
    return withEstimator(estimator.withPriorWeight(priorWeight));
  }

  /** This configuration with another noise scale σ. */
  public StepConfig withNoiseScale(double noiseScale) {
    return withEstimator(estimator.withNoiseScale(noiseScale));
  }

  /** Whether a noise term is added. */
  public boolean noisy() {
    return !(noise instanceof Noise.None);
  }

  /** Whether the learning rate is estimated, which takes momentum or noise; without both it stays λ. */
  public boolean estimating() {
    return momentum.active() || noisy();
  }

  /** The state tensors that a parameter keeps under this configuration. */
  public Set<Slot> slots() {
    EnumSet<Slot> slots = EnumSet.noneOf(Slot.class);
    if (momentum.active()) {
      slots.add(Slot.VELOCITY);
    }
    if (estimating()) {
      slots.add(Slot.RATE);
      slots.add(Slot.WEIGHT);
    }
    if (noise instanceof Noise.Frozen) {
      slots.add(Slot.NOISE);
    }
    return slots;
  }

  /**
   * Bytes of state for {@code length} elements, before anything is allocated: 12 bytes a float32 with momentum.
   *
   * @throws SettingException if {@code length} is negative, or the bytes are more than a {@code long} counts
   */
  public long stateBytes(DType type, long length) {
    long each = (long) slots().size() * type.bytes();
    if (length < 0 || each > 0 && length > Long.MAX_VALUE / each) {
      throw new SettingException("the length must be from 0 to " + Long.MAX_VALUE / Math.max(1, each) + ", not "
          + length);
    }
    return length * each;
  }
}
