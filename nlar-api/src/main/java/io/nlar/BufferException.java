package io.nlar;

/** A buffer, or memory offered as one, does not fit what it is used for. */
public final class BufferException extends NlarException {
  private static final long serialVersionUID = 1L;

  public BufferException(String message) {
    super(message);
  }

  public BufferException(String message, Throwable cause) {
    super(message, cause);
  }
}
