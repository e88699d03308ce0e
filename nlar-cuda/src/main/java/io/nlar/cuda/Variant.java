package io.nlar.cuda;

import io.nlar.DType;
import io.nlar.Noise;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;

/**
 * What a group needs another apply kernel for: element type, estimator, momentum or not, kind of noise. Everything else
 * is numbers in a {@link GroupTable}.
 */
record Variant(DType type, String estimator, String kind) {

  static Variant of(GroupPlan group) {
    StepConfig config = group.config();
    String estimator = config.rule().name();
    String momentum = config.momentum().active() ? "momentum" : "plain";
    String noise = switch (config.noise()) {
      case Noise.None n -> "";
      case Noise.Frozen n -> "_frozen";
      case Noise.Fresh n -> "_fresh";
    };
    return new Variant(group.type(), estimator, momentum + noise);
  }

  /** The PTX module that holds the kernel. */
  String module() {
    return "apply_" + suffix(type) + "_" + estimator;
  }

  /** The kernel's name. */
  String kernel() {
    return "nlar_" + module() + "_" + kind;
  }

  /** The part of kernel names that stands for an element type. */
  static String suffix(DType type) {
    return type == DType.FLOAT32 ? "f32" : "f64";
  }
}
