package io.nlar;

/** No device could be opened; the message gives the reason of every backend. */
public final class DeviceUnavailableException extends NlarException {
  private static final long serialVersionUID = 1L;

  public DeviceUnavailableException(String message) {
    super(message);
  }

  public DeviceUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
