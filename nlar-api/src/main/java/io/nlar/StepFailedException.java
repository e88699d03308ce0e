package io.nlar;

/** A step failed after its update had been enqueued; values and state are undefined. */
public final class StepFailedException extends NlarException {
  private static final long serialVersionUID = 1L;

  public StepFailedException(String message) {
    super(message);
  }

  public StepFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
