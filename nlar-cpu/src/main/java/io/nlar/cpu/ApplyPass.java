package io.nlar.cpu;

import io.nlar.Scaling;
import io.nlar.cpu.kernel.ApplyScalars;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.RulePlan;
import io.nlar.spi.StepPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The update of all tensors. */
final class ApplyPass extends Pass {
  private final MemorySegment sums;
  private GroupPlan[] groups;
  private ApplyScalars[] scalars;
  private boolean[] scaledByTensor;
  private final double[] numbers = new double[RulePlan.MOST_NUMBERS];
  private double gradientScale;
  private double rateFactor;
  private long t;

  /**
   * A pass for the settings of {@code plan}.
   *
   * @param sums the sums of squares: the total, then one per tensor
   */
  ApplyPass(CpuDevice device, StepPlan plan, MemorySegment sums) {
    super(device);
    this.sums = sums;
    configure(plan);
  }

  /** Takes over settings. */
  void configure(StepPlan plan) {
    List<GroupPlan> list = plan.groups();
    groups = list.toArray(GroupPlan[]::new);
    scalars = new ApplyScalars[groups.length];
    scaledByTensor = new boolean[groups.length];
    for (int i = 0; i < groups.length; i++) {
      scalars[i] = new ApplyScalars();
      setConstants(groups[i], scalars[i]);
      scaledByTensor[i] = groups[i].config().scaling() instanceof Scaling.TensorNorm;
    }
  }

  static void setConstants(GroupPlan group, ApplyScalars to) {
    to.bound = group.bound();
  }

  /** Updates the tensors of {@code table} in step {@code t}. */
  void apply(ChunkTable table, long t, double gradientScale, double rateFactor) {
    this.t = t;
    this.gradientScale = gradientScale;
    this.rateFactor = rateFactor;
    double total = sums.get(ValueLayout.JAVA_DOUBLE, 0);
    for (int i = 0; i < groups.length; i++) {
      GroupPlan group = groups[i];
      ApplyScalars to = scalars[i];
      to.gradientScale = group.type().round(gradientScale);
      to.rateFactor = group.type().round(rateFactor);
      group.rule().scalars(t, rateFactor, numbers);
      to.learningRate = numbers[0];
      to.momentum = numbers[1];
      to.noiseScale = numbers[2];
      to.lowerClip = numbers[3];
      to.flushBelow = numbers[3];
      to.initialWeight = numbers[4];
      to.decay = numbers[5];
      to.rateBase = group.rule().rateBase();
      to.weightDecay = group.weightDecay(rateFactor);
      to.coefficient = group.coefficient(total, gradientScale, rateFactor);
    }
    over(table);
  }

  /** Claims come from the end, where the reduction has just read the gradients: they are still in the cache. */
  @Override
  void claim(ChunkTable chunks, int claim, Scratch scratch) {
    int fromEnd = chunks.claims() - 1 - claim;
    for (int chunk = chunks.firstChunk(fromEnd); chunk < chunks.firstChunk(fromEnd + 1); chunk++) {
      BoundTensor tensor = chunks.tensor(chunk);
      tensor.apply(chunks.from(chunk), chunks.count(chunk), t, scalarsOf(tensor, scratch), scratch);
    }
  }

  private ApplyScalars scalarsOf(BoundTensor tensor, Scratch scratch) {
    int number = tensor.plan().group();
    if (!scaledByTensor[number]) {
      return scalars[number];
    }
    ApplyScalars own = scratch.scalars;
    own.set(scalars[number]);
    own.coefficient = groups[number].coefficient(
        sums.getAtIndex(ValueLayout.JAVA_DOUBLE, tensor.plan().index() + 1), gradientScale, rateFactor);
    return own;
  }
}
