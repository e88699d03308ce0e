package io.nlar.internal;

import io.nlar.DType;
import io.nlar.SettingException;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;

/** Checks the gradient scale and the rate factor of a run, also as what they become in the step's element types. */
final class ScalarCheck {
  private final DType[] types;

  ScalarCheck(StepPlan plan) {
    types = plan.groups().stream().map(GroupPlan::type).distinct().toArray(DType[]::new);
  }

  /** Throws if a run cannot take them. Allocates nothing otherwise. */
  void check(double gradientScale, double rateFactor) {
    if (!(gradientScale > 0) || Double.isInfinite(gradientScale)) {
      throw new SettingException("the gradient scale must be finite and greater than 0, not " + gradientScale);
    }
    if (!(rateFactor >= 0) || Double.isInfinite(rateFactor)) {
      throw new SettingException("the rate factor must be finite and at least 0, not " + rateFactor);
    }
    for (DType type : types) {
      double scale = type.round(gradientScale);
      if (scale == 0 || Double.isInfinite(scale)) {
        throw rounded("gradient scale", gradientScale, type, scale);
      }
      double factor = type.round(rateFactor);
      if (Double.isInfinite(factor)) {
        throw rounded("rate factor", rateFactor, type, factor);
      }
    }
  }

  private static SettingException rounded(String name, double value, DType type, double becomes) {
    return new SettingException("the " + name + " " + value + " becomes " + becomes + " in " + type
        + "; take one nearer to 1");
  }
}
