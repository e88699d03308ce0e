package io.nlar;

import static io.nlar.Settings.finite;
import static io.nlar.Settings.notNegative;
import static io.nlar.Settings.positive;
import static io.nlar.Settings.share;

import java.util.EnumSet;
import java.util.Set;

/**
 * Experimental: Schedule-Free averaging with a rate that is learned for each parameter (tensor) from innovations, as
 * Nlar learns its own for each element. No initial rate has to be tuned. d, θ, v and x are those of {@link ScheduleFree}; its
 * rate is
 *
 * <pre>
 * γ = exp ℓ,   α = (k·γ) / √N,   w = (k·γ)²                N: all elements of the step
 * </pre>
 *
 * <p>and ℓ, which starts at ln min(λ, γmax), is learned at the end of each step from three sums, taken in the update over
 * every parameter with the old v: C = −Σ d·v, X = Σ d·d, Y = Σ v·v; ΣC, ΣX and ΣY are over all parameters.
 *
 * <pre>
 * z  = √N·ΣC / √(ΣX·ΣY),   s = z / (1 + |z|)
 * ℓ' = min(ln γmax, ℓ + j + η·(C/√(X·Y) + b0))          j = min(K0·s/(1 + E), −ℓ), at least 0
 * E' = E + (1 − s)                                        E starts at 1
 * </pre>
 *
 * <p>A parameter whose X·Y is 0 or not finite keeps its ℓ, and all keep ℓ and E where ΣX·ΣY is so. From λ = 0 nothing
 * is ever learned. Over {@linkplain Part parts} of tensors workers exchange what is added, and ℓ and E change when they have: {@link
 * Step#takeBlockProducts}. All of these numbers are binary64; to the bit: docs/numerics.md, "Averaged rules". Where it comes from,
 * and what is not known of it: docs/successor.md.
 *
 * @param learningRate λ, the initial γ; finite and ≥ 0
 * @param beta β, how much of the value to evaluate is in the value that gradients are taken at; 0 ≤ β &lt; 1
 * @param beta2 β2, the decay of the mean of squares; 0 ≤ β2 &lt; 1
 * @param epsilon ε, added to the root of the mean square; finite and &gt; 0
 * @param growth K0, how fast the evidence of the whole step raises rates below 1; finite and ≥ 0
 * @param gain η, how fast a parameter's own evidence moves its rate; finite and ≥ 0
 * @param bias b0, added to a parameter's evidence; finite
 * @param largestRate γmax, which no rate exceeds; &gt; 0 and at most 1e300
 */
public record Nlarsf(double learningRate, double beta, double beta2, double epsilon, double growth, double gain,
    double bias, double largestRate) implements Rule {
  public Nlarsf {
    notNegative("learning rate", learningRate);
    share("beta", beta);
    share("beta2", beta2);
    positive("epsilon", epsilon);
    notNegative("growth", growth);
    notNegative("gain", gain);
    finite("bias", bias);
    if (!(largestRate > 0 && largestRate <= 1e300)) {
      throw new SettingException("largest rate must be greater than 0 and at most 1e300, not " + largestRate);
    }
  }

  /** The constants that were found by experiment: β = 0.9, β2 = 0.999, ε = 1e-8, K0 = 8, η = 0.5, b0 = 0.06, γmax = 2. */
  public Nlarsf(double learningRate) {
    this(learningRate, 0.9, 0.999, 1e-8, 8, 0.5, 0.06, 2);
  }

  @Override
  public Nlarsf withLearningRate(double learningRate) {
    return new Nlarsf(learningRate, beta, beta2, epsilon, growth, gain, bias, largestRate);
  }

  /** This rule with other speeds of learning: K0, η and b0. All of them 0: γ stays min(λ, γmax). */
  public Nlarsf withLearning(double growth, double gain, double bias) {
    return new Nlarsf(learningRate, beta, beta2, epsilon, growth, gain, bias, largestRate);
  }

  /** This rule with another bound of its rates, γmax. */
  public Nlarsf withLargestRate(double largestRate) {
    return new Nlarsf(learningRate, beta, beta2, epsilon, growth, gain, bias, largestRate);
  }

  @Override
  public String name() {
    return "nlarsf";
  }

  @Override
  public Set<Slot> slots(StepConfig config) {
    return EnumSet.of(Slot.VELOCITY, Slot.SQUARE);
  }

  @Override
  public Set<Slot> parameterSlots() {
    return EnumSet.of(Slot.LOG_RATE, Slot.AVERAGED, Slot.EVIDENCE);
  }
}
