package io.nlar.bench.contest;

import io.nlar.bench.harness.Contestant;
import java.time.Duration;
import java.util.Optional;

/** A contestant before it takes memory. */
public interface Entrant {

  /** The name in tables, unique within a race. */
  String name();

  /** Its part in the race. */
  Kind kind();

  /** What it works on in a race of {@code race}: the same, or the same on another device. */
  default Workload workload(Workload race) {
    return race;
  }

  /** Why it cannot take part in a race of this workload, in one sentence; empty if it can. */
  default Optional<String> unavailable(Workload workload) {
    return Optional.empty();
  }

  /** Whether the race goes on without it when it fails: the program of others, for which Nlar does not answer. */
  default boolean optional() {
    return false;
  }

  /** Least rest after its turn: as long as its threads stay busy when its work is done. */
  default Duration rest() {
    return Duration.ZERO;
  }

  /** Whether it keeps a state from step to step. One that does not has less to do, and does not count as the best. */
  default boolean stateful() {
    return true;
  }

  /** Bytes that one run reads and writes for each parameter: what a GB/s in the tables means. */
  double trafficBytes(Workload workload);

  /** Bytes that it allocates, beside the values and gradients that all entrants share. */
  long memoryBytes(Workload workload);

  /** Whether it works on {@link Tensors#sharedStep} too, which is there once for all that do. */
  default boolean sharesStep() {
    return false;
  }

  /**
   * Allocates and compiles.
   *
   * @param tensors the values and gradients of the race
   */
  Contestant open(Tensors tensors);
}
