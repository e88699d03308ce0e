package io.nlar.spi;

/** Actions that are all tried, whichever of them fail. */
final class Attempts {
  private Throwable first;

  /** Runs {@code action} and remembers what it throws. */
  void make(Runnable action) {
    try {
      action.run();
    } catch (Throwable failure) {
      if (first == null) {
        first = failure;
      } else if (failure != first) {
        first.addSuppressed(failure);
      }
    }
  }

  /** Throws the first failure, with the others suppressed in it; does nothing where there was none. */
  void rethrow() {
    if (first instanceof Error error) {
      throw error;
    }
    if (first != null) {
      // Runnables throw nothing checked.
      throw (RuntimeException) first;
    }
  }
}
