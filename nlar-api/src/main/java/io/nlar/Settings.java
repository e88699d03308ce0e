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

  static void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new SettingException(name + " must be finite and greater than 0, not " + value);
    }
  }
}
