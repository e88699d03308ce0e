package io.nlar;

/** A step was refused because of a NaN or an infinity in its gradients; nothing changed. */
public final class NonFiniteGradientException extends NlarException {
  private static final long serialVersionUID = 1L;

  public NonFiniteGradientException(String message) {
    super(message);
  }

  public NonFiniteGradientException(String message, Throwable cause) {
    super(message, cause);
  }
}
