package io.nlar;

/** The device has not enough memory; the message states the sizes. */
public final class DeviceMemoryException extends NlarException {
  private static final long serialVersionUID = 1L;

  public DeviceMemoryException(String message) {
    super(message);
  }

  public DeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
