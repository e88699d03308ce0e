package io.nlar;

/** A setting is out of its range. */
public final class SettingException extends NlarException {
  private static final long serialVersionUID = 1L;

  public SettingException(String message) {
    super(message);
  }

  public SettingException(String message, Throwable cause) {
    super(message, cause);
  }
}
