package io.nlar.cpu.kernel;

import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import java.lang.foreign.MemorySegment;

/**
 * What an apply kernel is specialised to.
 *
 * @param type T, the element type
 * @param vectorBits width of its vectors; 0 for the scalar kernel
 * @param scaling how a gradient is bounded
 * @param estimator which estimator
 * @param momentum whether there is a velocity
 * @param noise whether there is noise, frozen or fresh
 * @param weightDecay whether δ is not 0
 * @param zeroGradient whether gradients are zeroed
 * @param values the class of the memory with values, as {@link Memory#forKernels} gives it
 * @param gradients the same of gradients
 */
public record ApplyVariant(DType type, int vectorBits, Bounding scaling, Kind estimator, boolean momentum,
    boolean noise, boolean weightDecay, boolean zeroGradient, Class<? extends MemorySegment> values,
    Class<? extends MemorySegment> gradients) {

  /** The element formula of a scaling. */
  public enum Bounding {
    /** g·c */
    COEFFICIENT,
    /** g·s clipped to ±b, times k. */
    VALUE,
    /** g·s softly bounded by b, times k. */
    SOFT
  }

  /** The estimator. */
  public enum Kind {
    NLARSM,
    NLARCM,
    NLARPM
  }

  /** The variant for a group's settings. */
  public static ApplyVariant of(StepConfig config, DType type, int vectorBits, boolean zeroGradient,
      MemorySegment values, MemorySegment gradients) {
    Bounding bounding = switch (config.scaling()) {
      case Scaling.Value s -> Bounding.VALUE;
      case Scaling.Soft s -> Bounding.SOFT;
      case Scaling.GlobalNorm s -> Bounding.COEFFICIENT;
      case Scaling.TensorNorm s -> Bounding.COEFFICIENT;
      case Scaling.Normalised s -> Bounding.COEFFICIENT;
      case Scaling.None s -> Bounding.COEFFICIENT;
    };
    Kind kind = switch (config.estimator()) {
      case Estimator.Nlarsm e -> Kind.NLARSM;
      case Estimator.Nlarcm e -> Kind.NLARCM;
      case Estimator.Nlarpm e -> Kind.NLARPM;
    };
    return new ApplyVariant(type, vectorBits, bounding, kind, config.momentum().active(), config.noisy(),
        config.weightDecay() != 0, zeroGradient, values.getClass(), gradients.getClass());
  }

  /** This variant for values and gradients in native memory. */
  public ApplyVariant inNativeMemory() {
    return new ApplyVariant(type, vectorBits, scaling, estimator, momentum, noise, weightDecay, zeroGradient,
        Memory.EVERYWHERE.getClass(), Memory.EVERYWHERE.getClass());
  }
}
