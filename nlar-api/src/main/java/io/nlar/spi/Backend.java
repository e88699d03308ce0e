package io.nlar.spi;

import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.DeviceOptions;
import io.nlar.SettingException;

/**
 * A kind of device. Implementations are found by {@link java.util.ServiceLoader}, need a public constructor without
 * arguments, and load nothing native before {@link #probe}.
 */
public interface Backend {

  /** The name in selectors: lower case, for example {@code cpu}. */
  String name();

  /** Looks for devices. Called often, from any thread; quick, and never throws. */
  Probe probe();

  /**
   * Opens a device that {@link #probe} has found.
   *
   * @throws io.nlar.NlarException if it cannot be opened
   */
  Device open(DeviceInfo device);

  /**
   * Opens a device that {@link #probe} has found, with options of its own.
   *
   * @throws SettingException if it cannot follow one of them
   * @throws io.nlar.NlarException if it cannot be opened
   */
  default Device open(DeviceInfo device, DeviceOptions options) {
    if (options.threads() > 0) {
      throw new SettingException("the backend " + name() + " takes no number of threads, which is for the CPU's; given"
          + " were " + options.threads() + ": open it without");
    }
    return open(device);
  }

  /** How eagerly automatic selection takes a device; highest first. See {@link Preference}. */
  int preference(DeviceInfo device);
}
