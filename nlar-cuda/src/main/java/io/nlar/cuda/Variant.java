package io.nlar.cuda;

import io.nlar.DType;
import io.nlar.spi.Codes;
import io.nlar.spi.GroupPlan;

/**
 * What a group needs another apply kernel for: element type, rule, its form, the code of its noise. Everything else is
 * numbers in a {@link GroupTable}.
 */
record Variant(DType type, String rule, String form, int noise) {

  static Variant of(GroupPlan group) {
    return new Variant(
        group.type(), group.rule().name(), group.rule().form(), Codes.of(group.config().noise()));
  }

  /** The PTX module that holds the kernel. */
  String module() {
    return "apply_" + suffix(type) + "_" + rule;
  }

  /** The kernel's name. */
  String kernel() {
    return "nlar_" + module() + "_" + form + switch (noise) {
      case Codes.NOISE_NONE -> "";
      case Codes.NOISE_FROZEN -> "_frozen";
      case Codes.NOISE_FRESH -> "_fresh";
      default -> throw new IllegalArgumentException("no kind of noise has the code " + noise);
    };
  }

  /** The part of kernel names that stands for an element type. */
  static String suffix(DType type) {
    return switch (type) {
      case FLOAT32 -> "f32";
      case FLOAT64 -> "f64";
    };
  }
}
