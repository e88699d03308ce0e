package io.nlar;

import static io.nlar.Settings.notNegative;
import static io.nlar.Settings.share;

import java.util.EnumSet;
import java.util.Set;

/**
 * Lion: steps of one size, in the direction of a momentum's sign. f is the scaled gradient, which the caller's rate factor k
 * does not touch: k scales λ. sign(±0) is 0.
 *
 * <pre>
 * c  = m·β1 + (1 − β1)·f
 * m' = m·β2 + (1 − β2)·f
 * θ' = (θ − θ·δλk) − (λ·k)·sign(c)
 * </pre>
 *
 * <p>Scaling by a norm changes only what gradients weigh against those of other steps. One state tensor, half of AdamW's.
 *
 * <p>Source: Chen et al., arXiv 2302.06675, algorithm 2. To the bit: docs/numerics.md, "Lion".
 *
 * @param learningRate λ, finite and ≥ 0: what every element moves in a step
 * @param beta1 β1, what the mean weighs in the direction; 0 ≤ β1 &lt; 1
 * @param beta2 β2, the decay of the mean of gradients; 0 ≤ β2 &lt; 1
 */
public record Lion(double learningRate, double beta1, double beta2) implements Rule {
  public Lion {
    notNegative("learning rate", learningRate);
    share("beta1", beta1);
    share("beta2", beta2);
  }

  @Override
  public Lion withLearningRate(double learningRate) {
    return new Lion(learningRate, beta1, beta2);
  }

  /** This rule with another weight of the mean, and another decay of it. */
  public Lion withBetas(double beta1, double beta2) {
    return new Lion(learningRate, beta1, beta2);
  }

  @Override
  public String name() {
    return "lion";
  }

  @Override
  public Set<Slot> slots(StepConfig config) {
    return EnumSet.of(Slot.MEAN);
  }
}
