package io.nlar.spark;

import io.nlar.NlarException;

/** Training over workers cannot begin or go on: settings, a worker's gradients, an exchange or a checkpoint are not as they must be. */
public final class TrainingException extends NlarException {
  private static final long serialVersionUID = 1L;

  public TrainingException(String message) {
    super(message);
  }

  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
