package io.nlar.bench.peer;

import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.Workload;
import java.time.Duration;

/**
 * Another program's optimizer step. Implementations have a public constructor without arguments and are found by
 * {@link java.util.ServiceLoader}, so that other modules add peers by being on the class path. When one fails the race
 * goes on without it.
 */
public interface Peer extends Entrant {
  /**
   * Threads of OpenMP run at full speed for some milliseconds after their work. Sleeping at once would slow their program
   * down, so whoever comes next waits instead.
   */
  Duration SPINNING = Duration.ofMillis(20);

  /** Elements that one run reads and writes for each parameter. */
  int traffic();

  /** Arrays, as long as the values, that it allocates. */
  int arrays();

  @Override
  default Kind kind() {
    return Kind.STEP;
  }

  @Override
  default boolean optional() {
    return true;
  }

  @Override
  default Duration rest() {
    return SPINNING;
  }

  @Override
  default double trafficBytes(Workload workload) {
    return traffic() * (double) workload.type().bytes();
  }

  @Override
  default long memoryBytes(Workload workload) {
    return arrays() * workload.arrayBytes();
  }

  /** Whether it also works on bfloat16. */
  default boolean narrow() {
    return false;
  }

  /** Whether it takes part in the quick benchmark too. */
  default boolean quick() {
    return true;
  }
}
