package io.nlar;

/**
 * A state file is corrupted or does not fit the step, and nothing was restored; or a state is beyond the limits of files,
 * and nothing was saved.
 */
public final class StateFileException extends NlarException {
  private static final long serialVersionUID = 1L;

  public StateFileException(String message) {
    super(message);
  }

  public StateFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
