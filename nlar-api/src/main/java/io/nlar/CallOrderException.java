package io.nlar;

/** Calls on a step came in an order that makes no sense, for example an apply without its reduce. */
public final class CallOrderException extends NlarException {
  private static final long serialVersionUID = 1L;

  public CallOrderException(String message) {
    super(message);
  }
}
