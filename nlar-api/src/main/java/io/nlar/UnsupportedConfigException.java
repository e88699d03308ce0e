package io.nlar;

/** A device cannot run a step of these settings; the message says why. */
public final class UnsupportedConfigException extends NlarException {
  private static final long serialVersionUID = 1L;

  public UnsupportedConfigException(String message) {
    super(message);
  }

  public UnsupportedConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
