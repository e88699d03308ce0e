package io.nlar.cli;

/** An argument of the command line is wrong; the message says which, and what would be right. */
public final class WrongArgumentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WrongArgumentException(String message) {
    super(message);
  }

  public WrongArgumentException(String message, Throwable cause) {
    super(message, cause);
  }
}
