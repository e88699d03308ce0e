package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.cpu.kernel.Kernels;
import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.SumKernel;
import io.nlar.spi.RulePlan;
import io.nlar.spi.StepPlan;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * What is kept of whole parameters, and what rules that observe their update learn from it (docs/numerics.md, "Averaged
 * rules"): the sums of blocks are folded, and a parameter's numbers changed, when all elements have been updated.
 */
final class Innovation {
  private static final int SUMS = StepPlan.PRODUCTS;

  private final StepMemory memory;
  private final Span[] spans;
  private final SumKernel plainSums;
  private final double[] lanes = new double[SUMS * SumKernel.LANES];
  private final double[] kept;

  /** Of spans whose rules keep numbers of parameters; those that are observed are not among them where they learn later. */
  Innovation(CpuDevice device, Span[] spans, StepMemory memory) {
    this.memory = memory;
    this.spans = spans;
    this.plainSums =
        Kernels.sums(new SumKernel.Variant(DType.FLOAT64, device.vectorBits(), false, Memory.EVERYWHERE.getClass()));
    this.kept = new double[RulePlan.MOST_KEPT];
  }

  /** Goes after the update of all elements. */
  void learn(double rateFactor, long scratch) {
    Arrays.fill(lanes, 0);
    Group observing = null;
    for (Span span : spans) {
      Group group = span.group;
      load(span);
      group.plan.rule().advance(rateFactor, kept);
      store(span);
      if (group.observes) {
        observing = group;
        for (int sum = 0; sum < SUMS; sum++) {
          int lane = sum * SumKernel.LANES + span.tensor % SumKernel.LANES;
          lanes[lane] += fold(memory.products(span.tensor, sum), span.length(), scratch);
        }
      }
    }
    if (observing != null) {
      double evidence = observing.plan.rule().evidence(total(0), total(1), total(2));
      if (!Double.isNaN(evidence)) {
        learnFrom(evidence);
      }
    }
  }

  private void learnFrom(double evidence) {
    for (Span span : spans) {
      if (span.group.observes) {
        load(span);
        span.group.plan.rule().learn(evidence, sum(span, 0), sum(span, 1), sum(span, 2), kept);
        store(span);
      }
    }
  }

  private double sum(Span span, int number) {
    return Memory.EVERYWHERE.get(ValueLayout.JAVA_DOUBLE, memory.products(span.tensor, number));
  }

  private void load(Span span) {
    memory.kept(span.tensor, kept, span.group.keeps);
  }

  private void store(Span span) {
    for (int i = 0; i < span.group.keeps; i++) {
      memory.setKept(span.tensor, i, kept[i]);
    }
  }

  private double total(int sum) {
    for (int half = SumKernel.LANES / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        lanes[sum * SumKernel.LANES + lane] += lanes[sum * SumKernel.LANES + lane + half];
      }
    }
    return lanes[sum * SumKernel.LANES];
  }

  /** Adds the sums of the blocks of {@code count} elements, level by level, in place. */
  private double fold(long blocks, long count, long scratch) {
    for (long left = SumKernel.blocks(count); left > 1; left = SumKernel.blocks(left)) {
      plainSums.run(Memory.EVERYWHERE, blocks, left, blocks, scratch);
    }
    return Memory.EVERYWHERE.get(ValueLayout.JAVA_DOUBLE, blocks);
  }
}
