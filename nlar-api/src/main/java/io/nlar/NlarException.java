package io.nlar;

/** Root of all failures that Nlar reports. Messages say what was given, what was expected, and what to do. */
public abstract class NlarException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  protected NlarException(String message) {
    super(message);
  }

  protected NlarException(String message, Throwable cause) {
    super(message, cause);
  }
}
