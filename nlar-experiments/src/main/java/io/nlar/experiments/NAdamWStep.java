package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * Adam with Nesterov's momentum (Dozat 2016, as in table 1 of arXiv 1910.05446), decoupled weight decay δ, linear warm-up
 * over the first 2 % of the steps and cosine decay to 0 over the others, with the constants that AlgoPerf's self-tuning
 * baseline has for all workloads alike. In step t = 1, 2, …, W = ⌊0.02·steps⌋ of which warm up:
 *
 * <pre>
 * α = λ·(t − 1)/W while t ≤ W (λ·1e-10 in the first),   λ·(1 + cos(π·(t − 1 − W)/(steps − W)))/2 afterwards
 * θ ← θ − α·δ·θ
 * m ← β1·m + (1 − β1)·g,   v ← β2·v + (1 − β2)·g²
 * θ ← θ − α/(1 − β1ᵗ)·(β1·m + (1 − β1)·g)/(√v/√(1 − β2ᵗ) + ε)
 * </pre>
 */
final class NAdamWStep extends ClippedStep {
  /** λ of the baseline. */
  static final double DEFAULT_RATE = 0.0017486387539278373;
  private static final double BETA1 = 1 - 0.06733926164;
  private static final double BETA2 = 0.9955159689799007;
  private static final double EPSILON = 1e-8;
  private static final double DECAY = 0.08121616522670176;
  private static final double WARM_UP = 0.02;
  private static final double FIRST = 1e-10;
  /** For people. */
  static final String SETTINGS = "β1 = " + BETA1 + ", β2 = " + BETA2 + ", weight decay " + DECAY + ", ε = " + EPSILON
      + ", warm-up over " + WARM_UP + " of the steps, cosine decay to 0";

  /** First and second moments of a tensor. */
  private record Moments(NDArray first, NDArray second) {}

  private final double peak;
  private final long steps;
  private final List<Moments> moments = new ArrayList<>();
  private double rate;
  private int t;

  /**
   * A step.
   *
   * @param peak λ
   * @param steps how many steps the run has; beyond them α stays 0
   */
  NAdamWStep(double peak, long steps) {
    this.peak = peak;
    this.steps = steps;
    this.rate = peak * factor(0);
  }

  /** α/λ after so many steps. */
  private double factor(long done) {
    long warmUp = (long) (WARM_UP * steps);
    if (done < warmUp) {
      return FIRST + (1 - FIRST) * done / warmUp;
    }
    double progress = Math.min(1, (done - warmUp) / (double) Math.max(1, steps - warmUp));
    return (1 + Math.cos(Math.PI * progress)) / 2;
  }

  @Override
  void prepare(List<NDArray> weights) {
    weights.forEach(weight -> moments.add(new Moments(zeros(weight), zeros(weight))));
  }

  @Override
  void update(List<Parameter> parameters, List<NDArray> gradients, NDManager scope) {
    rate = peak * factor(t);
    t++;
    double firstBias = 1 - Math.pow(BETA1, t);
    double secondBias = 1 - Math.pow(BETA2, t);
    for (int i = 0; i < gradients.size(); i++) {
      NDArray weight = parameters.get(i).getArray();
      Moments m = moments.get(i);
      NDArray share = in(scope, gradients.get(i).mul(1 - BETA1));
      m.first.muli(BETA1).addi(share);
      m.second.muli(BETA2).addi(in(scope, gradients.get(i).square()).muli(1 - BETA2));
      NDArray root = in(scope, m.second.sqrt()).divi(Math.sqrt(secondBias)).addi(EPSILON);
      NDArray ahead = in(scope, m.first.mul(BETA1)).addi(share);
      weight.muli(1 - rate * DECAY).subi(ahead.divi(root).muli(rate / firstBias));
    }
  }

  @Override
  public double[] rateQuartiles() {
    return new double[] {rate, rate, rate};
  }
}
