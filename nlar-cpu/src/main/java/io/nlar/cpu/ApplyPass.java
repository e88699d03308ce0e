package io.nlar.cpu;

import io.nlar.Scaling;
import io.nlar.cpu.kernel.Scalars;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The update of all tensors. */
final class ApplyPass extends Pass {
  private final MemorySegment sums;
  private Scalars[] scalars;
  private boolean[] scaledByTensor;
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
    int count = plan.groups().size();
    scalars = new Scalars[count];
    scaledByTensor = new boolean[count];
    for (int i = 0; i < count; i++) {
      GroupPlan group = plan.groups().get(i);
      scalars[i] = new Scalars(group);
      scaledByTensor[i] = group.config().scaling().scope() == Scaling.Scope.TENSOR;
    }
  }

  /** Updates the tensors of {@code table} in step {@code t}. */
  void apply(ChunkTable table, long t, double gradientScale, double rateFactor) {
    this.t = t;
    this.gradientScale = gradientScale;
    this.rateFactor = rateFactor;
    double total = sums.get(ValueLayout.JAVA_DOUBLE, 0);
    for (Scalars group : scalars) {
      group.derive(t, gradientScale, rateFactor, total);
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

  private double[] scalarsOf(BoundTensor tensor, Scratch scratch) {
    int number = tensor.plan().group();
    if (!scaledByTensor[number]) {
      return scalars[number].numbers();
    }
    double sum = sums.getAtIndex(ValueLayout.JAVA_DOUBLE, tensor.plan().index() + 1);
    return scalars[number].forTensor(scratch.scalars, sum, gradientScale, rateFactor);
  }
}
