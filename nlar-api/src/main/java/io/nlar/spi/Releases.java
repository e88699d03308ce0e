package io.nlar.spi;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** Things to give back together, the last first, whichever of them fail. */
public final class Releases {
  private final Deque<Runnable> releases = new ArrayDeque<>();

  /** Remembers how something is given back. */
  public void add(Runnable release) {
    releases.push(release);
  }

  /** Remembers how {@code resource} is given back, and returns it. */
  public <T> T add(T resource, Consumer<? super T> release) {
    add(() -> release.accept(resource));
    return resource;
  }

  /** Gives everything back. What is thrown first is thrown at the end, with the others suppressed in it. */
  public void release() {
    Throwable first = null;
    while (!releases.isEmpty()) {
      try {
        releases.pop().run();
      } catch (Throwable failure) {
        if (first == null) {
          first = failure;
        } else if (failure != first) {
          first.addSuppressed(failure);
        }
      }
    }
    if (first instanceof Error error) {
      throw error;
    }
    if (first != null) {
      // Runnables throw nothing checked.
      throw (RuntimeException) first;
    }
  }

  /** Gives everything back because of {@code failure}, which takes up what is thrown meanwhile. */
  public void releaseAfter(Throwable failure) {
    try {
      release();
    } catch (Throwable second) {
      failure.addSuppressed(second);
    }
  }
}
