package io.nlar.cuda;

import io.nlar.DType;
import io.nlar.spi.Codes;
import io.nlar.spi.queue.Variant;

/** How the PTX modules and the kernels in them are called. */
final class KernelNames {
  /** The module of the reductions. */
  static final String SUMS = "square_sum";

  private KernelNames() {}

  /** The kernel of a reduction. */
  static String sums(DType type) {
    return "nlar_" + SUMS + "_" + suffix(type);
  }

  /** The module that holds the kernel of an update. */
  static String module(Variant variant) {
    return "apply_" + suffix(variant.type()) + "_" + variant.rule();
  }

  /** The kernel of an update. */
  static String update(Variant variant) {
    return "nlar_" + module(variant) + "_" + variant.form() + switch (variant.noise()) {
      case Codes.NOISE_NONE -> "";
      case Codes.NOISE_FROZEN -> "_frozen";
      case Codes.NOISE_FRESH -> "_fresh";
      default -> throw new IllegalArgumentException("no kind of noise has the code " + variant.noise());
    };
  }

  /** The part of kernel names that stands for an element type. */
  static String suffix(DType type) {
    return switch (type) {
      case FLOAT32 -> "f32";
      case FLOAT64 -> "f64";
      case BFLOAT16, FLOAT16, UINT16 -> throw new IllegalArgumentException(type + " is no type that a step computes in");
    };
  }
}
