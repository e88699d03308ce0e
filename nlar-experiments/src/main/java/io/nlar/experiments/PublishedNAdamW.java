package io.nlar.experiments;

import io.nlar.AdamW;
import io.nlar.StepConfig;

/**
 * NAdamW with the constants that AlgoPerf's self-tuning baseline has for all workloads alike: the library's rule, linear
 * warm-up over the first 2 % of the steps and cosine decay to 0 over the others. Of N steps, of which W = ⌊0.02·N⌋ warm up, in step t = 1, 2, …:
 *
 * <pre>
 * k = (t − 1)/W while t ≤ W (1e-10 in the first),   (1 + cos(π·(t − 1 − W)/(N − W)))/2 afterwards
 * </pre>
 */
final class PublishedNAdamW {
  private static final double RATE = 0.0017486387539278373;
  private static final double BETA1 = 1 - 0.06733926164;
  private static final double BETA2 = 0.9955159689799007;
  private static final double EPSILON = 1e-8;
  private static final double DECAY = 0.08121616522670176;
  private static final double WARM_UP = 0.02;
  private static final double FIRST = 1e-10;
  /** For people. */
  static final String SETTINGS = "β1 = " + BETA1 + ", β2 = " + BETA2 + ", weight decay " + DECAY + ", ε = " + EPSILON
      + ", warm-up over " + WARM_UP + " of the steps, cosine decay to 0";

  private PublishedNAdamW() {}

  /** The settings; λ is the highest rate of the schedule. */
  static StepConfig config() {
    return StepConfig.nadamw().withRule(new AdamW(RATE, BETA1, BETA2, EPSILON, true)).withWeightDecay(DECAY);
  }

  /**
   * k of a step.
   *
   * @param step its number, from 1
   * @param steps how many steps the run has; beyond them k stays 0
   */
  static double rateFactor(long step, long steps) {
    long done = step - 1;
    long warmUp = (long) (WARM_UP * steps);
    if (done < warmUp) {
      return FIRST + (1 - FIRST) * done / warmUp;
    }
    double progress = Math.min(1, (done - warmUp) / (double) Math.max(1, steps - warmUp));
    return (1 + Math.cos(Math.PI * progress)) / 2;
  }
}
