package io.nlar;

/** A device, buffer or step was used after it was closed. */
public final class ClosedException extends NlarException {
  private static final long serialVersionUID = 1L;

  public ClosedException(String message) {
    super(message);
  }

  public ClosedException(String message, Throwable cause) {
    super(message, cause);
  }
}
