package io.nlar.internal;

import io.nlar.Estimator;
import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;

/** Refuses settings that do not survive being rounded to a group's element type. */
final class SettingsCheck {
  private SettingsCheck() {}

  /** Throws where a setting becomes infinite, or a bound that elements are held to becomes 0. */
  static void check(int number, GroupPlan group) {
    StepConfig config = group.config();
    Estimator estimator = config.estimator();
    finite(number, group, "learning rate", estimator.learningRate(), group.learningRate());
    finite(number, group, "prior weight", estimator.priorWeight(), group.initialWeight());
    finite(number, group, "noise scale", estimator.noiseScale(), group.noiseScale());
    if (estimator instanceof Estimator.Nlarsm nlarsm) {
      finite(number, group, "lower clip", nlarsm.lowerClip(), group.lowerClip());
    }
    finite(number, group, "momentum", config.momentum().momentum(), group.momentum());
    finite(number, group, "weight decay", config.weightDecay(), group.weightDecay(1));
    // A norm is held to its bound in binary64.
    if (config.scaling() instanceof Scaling.Value || config.scaling() instanceof Scaling.Soft) {
      double bound = group.type().round(group.bound());
      finite(number, group, "scaling bound", group.bound(), bound);
      if (bound == 0) {
        throw refused(number, group, "scaling bound", group.bound(), bound);
      }
    }
  }

  private static void finite(int number, GroupPlan group, String name, double setting, double rounded) {
    if (!Double.isFinite(rounded)) {
      throw refused(number, group, name, setting, rounded);
    }
  }

  private static SettingException refused(
      int number, GroupPlan group, String name, double setting, double rounded) {
    return new SettingException("parameter group " + number + ": the " + name + " " + setting + " becomes " + rounded
        + " where the step uses it in " + group.type() + "; take one within the type's range");
  }
}
