package io.nlar.bench.harness;

/** A contestant's result is wrong, so its time means nothing. The message says what was expected and what came. */
public final class VerificationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public VerificationException(String message) {
    super(message);
  }
}
