package io.nlar;

/** The device or its driver reported an error, before any value or state was changed. */
public final class DeviceException extends NlarException {
  private static final long serialVersionUID = 1L;

  public DeviceException(String message) {
    super(message);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
