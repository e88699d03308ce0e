package io.nlar.testkit;

import io.nlar.NlarException;

/** A trace file is not in the format of the golden traces; the message names the file and the entry. */
public final class TraceException extends NlarException {
  public TraceException(String message) {
    super(message);
  }

  public TraceException(String message, Throwable cause) {
    super(message, cause);
  }
}
