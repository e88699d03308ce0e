package io.nlar;

/** Parameters, groups or bindings of a step do not fit together. */
public final class ParameterException extends NlarException {
  private static final long serialVersionUID = 1L;

  public ParameterException(String message) {
    super(message);
  }

  public ParameterException(String message, Throwable cause) {
    super(message, cause);
  }
}
