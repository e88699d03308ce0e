package io.nlar.opencl;

import io.nlar.DType;
import io.nlar.spi.queue.Variant;
import java.util.Locale;

/** Build options of the kernels: one source, specialised. */
final class KernelOptions {
  private KernelOptions() {}

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
        + precision(type)
        + " -DVEC=" + mapping.vector(type)
        + " -DROUNDED_DIVISION=" + (roundedDivision ? 1 : 0)
        + " -DGROUP_SIZE=" + mapping.groupSize()
        + " -DCHUNK_BLOCKS=" + mapping.chunkBlocks();
  }

  /** What elements are kept as, and what they are computed in. */
  private static String precision(DType type) {
    return switch (type) {
      case FLOAT32 -> " -DSTORED=float -DREAL=float -DREAL_BITS=32";
      case FLOAT64 -> " -DSTORED=double -DREAL=double -DREAL_BITS=64";
    };
  }

  /** Options of the update of a variant. */
  static String apply(Variant variant, Mapping mapping, boolean roundedDivision) {
    return reduce(variant.type(), mapping, roundedDivision)
        + " -DFORM_" + variant.form().toUpperCase(Locale.ROOT)
        + " -DNOISE=" + variant.noise();
  }
}
