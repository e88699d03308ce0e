package io.nlar.opencl;

import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Noise;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;

/** Build options of the kernels: one source, specialised. */
final class KernelOptions {
  private KernelOptions() {}

  /** What of a group is built into its apply kernel. Everything else is in the settings table. */
  record Variant(DType type, int estimator, boolean momentum, int noise) {
    static Variant of(GroupPlan group) {
      StepConfig config = group.config();
      int estimator = switch (config.estimator()) {
        case Estimator.Nlarsm e -> 1;
        case Estimator.Nlarcm e -> 2;
        case Estimator.Nlarpm e -> 3;
      };
      int noise = switch (config.noise()) {
        case Noise.None n -> 0;
        case Noise.Frozen n -> 1;
        case Noise.Fresh n -> 2;
      };
      return new Variant(group.type(), estimator, config.momentum().active(), noise);
    }
  }

  /**
   * What all programs are built with. Without warnings: compilers such as Clang, in PoCL, print on the process's standard
   * error how many there were, which no caller can keep from the user's terminal. Those that come are about how vectors
   * of 512 bits are handed to functions on processors with narrower ones, which is the compiler's to know.
   */
  private static final String ALL = "-cl-std=CL1.2 -w";

  /** Options of the reduction over tensors of a type. */
  static String reduce(DType type, Mapping mapping, boolean roundedDivision) {
    return ALL
        + (roundedDivision ? " -cl-fp32-correctly-rounded-divide-sqrt" : "")
        + " -DREAL_BITS=" + type.bytes() * Byte.SIZE
        + " -DVEC=" + mapping.vector(type)
        + " -DROUNDED_DIVISION=" + (roundedDivision ? 1 : 0)
        + " -DGROUP_SIZE=" + mapping.groupSize()
        + " -DCHUNK_BLOCKS=" + mapping.chunkBlocks();
  }

  /** Options of the update of a variant. */
  static String apply(Variant variant, Mapping mapping, boolean roundedDivision) {
    return reduce(variant.type, mapping, roundedDivision)
        + " -DESTIMATOR=" + variant.estimator
        + " -DMOMENTUM=" + (variant.momentum ? 1 : 0)
        + " -DNOISE=" + variant.noise;
  }
}
