package io.nlar.cpu.kernel;

import io.nlar.DType;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;
import java.lang.foreign.MemorySegment;

/**
 * What an apply kernel is specialised to.
 *
 * @param rule the rule's class
 * @param form the rule's form
 * @param type T, the element type
 * @param vectorBits width of its vectors; 0 for the scalar kernel
 * @param scaling what is done to a gradient
 * @param noise whether there is noise, frozen or fresh
 * @param weightDecay whether δ is not 0
 * @param zeroGradient whether gradients are zeroed
 * @param values the class of the memory with values, as {@link Memory#forKernels} gives it
 * @param gradients the same of gradients
 */
public record ApplyVariant(String rule, String form, DType type, int vectorBits, Scaling.Form scaling, boolean noise,
    boolean weightDecay, boolean zeroGradient, Class<? extends MemorySegment> values,
    Class<? extends MemorySegment> gradients) {

  /** The variant for a group's settings. */
  public static ApplyVariant of(
      GroupPlan group, int vectorBits, boolean zeroGradient, MemorySegment values, MemorySegment gradients) {
    StepConfig config = group.config();
    return new ApplyVariant(config.rule().getClass().getSimpleName(), group.rule().form(), group.type(), vectorBits,
        config.scaling().form(), config.noisy(), config.weightDecay() != 0, zeroGradient, values.getClass(),
        gradients.getClass());
  }

  /** This variant, one element at a time. */
  public ApplyVariant scalar() {
    return new ApplyVariant(
        rule, form, type, 0, scaling, noise, weightDecay, zeroGradient, values, gradients);
  }

  boolean clipped() {
    return scaling == Scaling.Form.VALUE;
  }

  boolean soft() {
    return scaling == Scaling.Form.SOFT;
  }
}
