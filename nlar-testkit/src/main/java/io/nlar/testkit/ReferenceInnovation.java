package io.nlar.testkit;

import io.nlar.Nlarsf;
import io.nlar.Slot;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What Nlarsf learns from a step: docs/numerics.md, "Averaged rules", from the sums on. */
final class ReferenceInnovation {

  /** What an update left of a parameter: C, X and Y. */
  private record Sums(ReferenceTensor tensor, Nlarsf rule, double c, double x, double y) {}

  private final List<Sums> observed = new ArrayList<>();
  private final long elements;

  /** Nothing observed yet, in a step of so many elements. */
  ReferenceInnovation(long elements) {
    this.elements = elements;
  }

  /** Takes a parameter's directions and old velocities. */
  void observe(ReferenceTensor tensor, StepConfig config, double[] d, double[] v) {
    if (config.rule() instanceof Nlarsf rule) {
      observed.add(new Sums(tensor, rule, -ReferenceSum.ofProducts(d, v), ReferenceSum.ofProducts(d, d), ReferenceSum.ofProducts(v, v)));
    }
  }

  /** The sum over the parameters: 32 lanes, in which they come in turn, however many there are; then lanes pairwise. */
  private double total(List<ReferenceTensor> all, ToDoubleFunction<Sums> of) {
    double[] lanes = new double[32];
    for (Sums sums : observed) {
      int lane = all.indexOf(sums.tensor) % 32;
      lanes[lane] = lanes[lane] + of.applyAsDouble(sums);
    }
    for (int distance = 16; distance > 0; distance /= 2) {
      for (int lane = 0; lane < distance; lane++) {
        lanes[lane] = lanes[lane] + lanes[lane + distance];
      }
    }
    return lanes[0];
  }

  /** Changes the rates and the evidence of all that was observed. */
  void learn(List<ReferenceTensor> all) {
    double scale = total(all, Sums::x) * total(all, Sums::y);
    if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
      return;
    }
    double z = Math.sqrt(elements) * total(all, Sums::c) / Math.sqrt(scale);
    double s = z / (1 + Math.abs(z));
    for (Sums sums : observed) {
      double[] rate = sums.tensor.state(Slot.LOG_RATE);
      double[] evidence = sums.tensor.state(Slot.EVIDENCE);
      double own = sums.x * sums.y;
      if (own > 0 && own < Double.POSITIVE_INFINITY) {
        double growth = Math.min(sums.rule.growth() * Math.max(s, 0) / (1 + evidence[0]), Math.max(-rate[0], 0));
        double grown = rate[0] + (growth
            + sums.rule.gain() * (sums.c / Math.sqrt(own) + sums.rule.bias()));
        rate[0] = Math.min(StrictMath.log(sums.rule.largestRate()), grown);
      }
      evidence[0] = evidence[0] + (1 - s);
    }
  }
}
