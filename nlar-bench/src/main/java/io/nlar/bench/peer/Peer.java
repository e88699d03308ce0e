package io.nlar.bench.peer;

import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;

/**
 * Another program's optimizer step. Implementations have a public constructor without arguments and are found by
 * {@link java.util.ServiceLoader}, so that other modules add peers by being on the class path. When one fails the race
 * goes on without it.
 */
public interface Peer extends Entrant {
  @Override
  default Kind kind() {
    return Kind.STEP;
  }

  @Override
  default boolean optional() {
    return true;
  }

  /** Whether it takes part in the quick benchmark too. */
  default boolean quick() {
    return true;
  }
}
