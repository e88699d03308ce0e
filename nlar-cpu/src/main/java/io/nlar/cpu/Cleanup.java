package io.nlar.cpu;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** Memory to free where a constructor fails half-way. */
final class Cleanup {
  private final Deque<Runnable> actions = new ArrayDeque<>();

  /** Remembers how {@code resource} is freed, and returns it. */
  <T> T add(T resource, Consumer<? super T> free) {
    actions.push(() -> free.accept(resource));
    return resource;
  }

  /** Frees, last first. */
  void close() {
    actions.forEach(Runnable::run);
  }
}
