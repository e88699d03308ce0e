package io.nlar;

/** Range checks shared by the records of settings. */
final class Settings {
  private Settings() {}

  static void finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new SettingException(name + " must be finite, not " + value);
    }
  }

  static void notNegative(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new SettingException(name + " must be finite and at least 0, not " + value);
    }
  }

  /** A decay or a share: from 0 to less than 1. */
  static void share(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new SettingException(name + " must be at least 0 and less than 1, not " + value);
    }
  }

  static void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new SettingException(name + " must be finite and greater than 0, not " + value);
    }
  }
}
