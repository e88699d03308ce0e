package io.nlar.testkit;

import io.nlar.Buffer;
import io.nlar.Update;

/** What a step writes for a parameter, and where. */
public enum Written {
  /** The new value. */
  VALUE,
  /** The update over the gradient, to be added. */
  ADDED,
  /** The update over the gradient, to be subtracted. */
  SUBTRACTED,
  /** The update in a buffer of its own, to be added. */
  ADDED_BESIDE,
  /** The update in a buffer of its own, to be subtracted. */
  SUBTRACTED_BESIDE;

  /** Whether it is an update, and the value stays. */
  public boolean updates() {
    return this != VALUE;
  }

  /** Whether it goes over the gradient. */
  public boolean overGradient() {
    return this == ADDED || this == SUBTRACTED;
  }

  /** Whether it has a buffer of its own. */
  public boolean beside() {
    return this == ADDED_BESIDE || this == SUBTRACTED_BESIDE;
  }

  /** Whether its sign is turned. */
  public boolean negated() {
    return this == SUBTRACTED || this == SUBTRACTED_BESIDE;
  }

  /** As a parameter asks for it; null for a value. */
  Update update(Buffer beside) {
    if (!updates()) {
      return null;
    }
    Update update = negated() ? Update.subtracted() : Update.added();
    return beside() ? update.to(beside) : update;
  }
}
