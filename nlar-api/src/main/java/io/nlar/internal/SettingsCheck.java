package io.nlar.internal;

import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.RulePlan;

/** Refuses settings that do not survive being rounded to a group's element type. */
final class SettingsCheck {
  private SettingsCheck() {}

  /** Throws where a setting becomes infinite, or 0 where it may not: a bound that elements are held to, an ε. */
  static void check(int number, GroupPlan group) {
    for (RulePlan.Setting setting : group.rule().settings()) {
      finite(number, group, setting.name(), setting.given(), setting.used());
      if (setting.used() == 0 && !setting.zeroAllowed()) {
        throw refused(number, group, setting.name(), setting.given(), setting.used());
      }
    }
    finite(number, group, "weight decay", group.config().weightDecay(), group.weightDecay(1));
    // A norm is held to its bound in binary64.
    Scaling scaling = group.config().scaling();
    if (scaling.form() != Scaling.Form.FACTOR) {
      finite(number, group, "scaling bound", scaling.bound(), group.bound());
      if (group.bound() == 0) {
        throw refused(number, group, "scaling bound", scaling.bound(), group.bound());
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
