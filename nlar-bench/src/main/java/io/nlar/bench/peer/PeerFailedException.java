package io.nlar.bench.peer;

/** Another program did not do what it was asked for; the message is for the user. */
final class PeerFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PeerFailedException(String message) {
    super(message);
  }

  PeerFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
