package io.nlar;

/**
 * What one device is opened with, where system properties would hold for all: see {@link Backends#open(String,
 * DeviceOptions)}.
 *
 * @param threads how many threads of the CPU backend work on a step, the caller's included; 0 leaves it to the backend
 */
public record DeviceOptions(int threads) {

  public DeviceOptions {
    if (threads < 0) {
      throw new SettingException("the number of threads must be at least 1, or 0 for the backend's own, not " + threads);
    }
  }

  /** Everything as the backend has it. */
  public static DeviceOptions defaults() {
    return new DeviceOptions(0);
  }

  /** These options with another number of threads. */
  public DeviceOptions withThreads(int threads) {
    return new DeviceOptions(threads);
  }
}
