package io.nlar;

import static io.nlar.Settings.notNegative;
import static io.nlar.Settings.positive;
import static io.nlar.Settings.share;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Schedule-Free AdamW. f is the scaled gradient, which the caller's rate factor k does not touch: k scales λ. Gradients are
 * taken at θ; the value to evaluate is x = θ − (1 − β)·v. t is the number of this step among the applied ones, from 1.
 *
 * <pre>
 * α  = λ·k                    or (λ·k)/√N, N: all elements of the step
 * R' = max(R, λ·k),   w = R'·R',   W' = W + w,   c = W' > 0 ? w/W' : 0
 * A' = A·β2 + ((1 − β2)·f)·f
 * d  = f / (√A' / √(1 − β2ᵗ) + ε),   u = d + δ·θ
 * θ' = (θ + (β·c)·v) − (((1 − β) + β·c)·α)·u
 * v' = (1 − c)·(v − α·u)
 * </pre>
 *
 * <p>θ and v are the publication's y and z − x, so that two state tensors are enough and x needs no third. Weight decay δ
 * is at θ, as the published code has it.
 *
 * <p>Source: Defazio et al., arXiv 2405.15682, algorithm 1 with Adam's scaling; {@code schedulefree.AdamWScheduleFree},
 * with its weights of the average by the largest rate so far. To the bit: docs/numerics.md, "Averaged rules".
 *
 * @param learningRate λ, in the unit; finite and ≥ 0
 * @param beta1 β, how much of the value to evaluate is in the value that gradients are taken at; 0 ≤ β &lt; 1
 * @param beta2 β2, the decay of the mean of squares; 0 ≤ β2 &lt; 1
 * @param epsilon ε, added to the root of the mean square; finite and &gt; 0
 * @param unit what λ counts in
 */
public record ScheduleFree(double learningRate, double beta1, double beta2, double epsilon, Unit unit) implements Rule {

  /** What a learning rate counts in. */
  public enum Unit {
    /** 1: the rate itself. */
    ONE,
    /** 1/√N, N being the number of all elements of the step: the same rate then serves small and large models. */
    INVERSE_ROOT
  }

  public ScheduleFree {
    notNegative("learning rate", learningRate);
    share("beta1", beta1);
    share("beta2", beta2);
    positive("epsilon", epsilon);
    Objects.requireNonNull(unit, "unit");
  }

  /** β = 0.9, β2 = 0.999, ε = 1e-8 and a rate that needs no tuning, 3/√N: the baseline that {@link Nlarsf} is measured by. */
  public static ScheduleFree untuned() {
    return new ScheduleFree(3, 0.9, 0.999, 1e-8, Unit.INVERSE_ROOT);
  }

  @Override
  public ScheduleFree withLearningRate(double learningRate) {
    return new ScheduleFree(learningRate, beta1, beta2, epsilon, unit);
  }

  /** This rule with other β and β2. */
  public ScheduleFree withBetas(double beta1, double beta2) {
    return new ScheduleFree(learningRate, beta1, beta2, epsilon, unit);
  }

  @Override
  public String name() {
    return "schedulefree";
  }

  @Override
  public Set<Slot> slots(StepConfig config) {
    return EnumSet.of(Slot.VELOCITY, Slot.SQUARE);
  }

  @Override
  public Set<Slot> parameterSlots() {
    return EnumSet.of(Slot.PEAK, Slot.AVERAGED);
  }
}
