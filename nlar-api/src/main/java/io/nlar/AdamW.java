package io.nlar;

import static io.nlar.Settings.notNegative;
import static io.nlar.Settings.positive;
import static io.nlar.Settings.share;

import java.util.EnumSet;
import java.util.Set;

/**
 * Adam with decoupled weight decay, as PyTorch defines it. f is the scaled gradient, which the caller's rate factor k
 * does not touch: k scales λ. t is the number of this step among the applied ones, from 1.
 *
 * <pre>
 * m' = m + (f − m)·(1 − β1)
 * q' = q·β2 + ((1 − β2)·f)·f
 * η  = (λ·k) / (1 − β1ᵗ)
 * θ' = (θ − θ·δλk) − η·(m' / (√q' / √(1 − β2ᵗ) + ε))
 * </pre>
 *
 * <p>With Nesterov's momentum (NAdamW) the mean goes one step ahead: in the place of m' stands m' + (f − m')·(1 − β1). m and q
 * are the same in both, so that {@link Restore#MATCHING} restores the state of one into the other; {@link Restore#STRICT}
 * refuses it, as it refuses other settings.
 *
 * <p>Sources: Loshchilov and Hutter, arXiv 1711.05101, algorithm 2; {@code torch.optim.AdamW}. NAdamW: Dozat 2016, as in
 * arXiv 1910.05446, table 1, and in AlgoPerf's baselines. To the bit: docs/numerics.md, "AdamW".
 *
 * @param learningRate λ, finite and ≥ 0
 * @param beta1 β1, the decay of the mean of gradients; 0 ≤ β1 &lt; 1
 * @param beta2 β2, the decay of the mean of their squares; 0 ≤ β2 &lt; 1
 * @param epsilon ε, added to the root of the mean square; finite and &gt; 0
 * @param nesterov whether the momentum is Nesterov's
 */
public record AdamW(double learningRate, double beta1, double beta2, double epsilon, boolean nesterov) implements Rule {
  public AdamW {
    notNegative("learning rate", learningRate);
    share("beta1", beta1);
    share("beta2", beta2);
    positive("epsilon", epsilon);
  }

  /** AdamW as PyTorch has it, without Nesterov's momentum. */
  public AdamW(double learningRate, double beta1, double beta2, double epsilon) {
    this(learningRate, beta1, beta2, epsilon, false);
  }

  @Override
  public AdamW withLearningRate(double learningRate) {
    return new AdamW(learningRate, beta1, beta2, epsilon, nesterov);
  }

  /** This rule with other decays of its means. */
  public AdamW withBetas(double beta1, double beta2) {
    return new AdamW(learningRate, beta1, beta2, epsilon, nesterov);
  }

  /** This rule with another ε. */
  public AdamW withEpsilon(double epsilon) {
    return new AdamW(learningRate, beta1, beta2, epsilon, nesterov);
  }

  /** This rule with Nesterov's momentum, or without. */
  public AdamW withNesterov(boolean nesterov) {
    return new AdamW(learningRate, beta1, beta2, epsilon, nesterov);
  }

  @Override
  public String name() {
    return "adamw";
  }

  @Override
  public Set<Slot> slots(StepConfig config) {
    return EnumSet.of(Slot.MEAN, Slot.SQUARE);
  }
}
