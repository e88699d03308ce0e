package io.nlar.bench.contest;

import io.nlar.bench.harness.Contestant;
import java.util.Optional;

/** A contestant before it takes memory. */
public interface Entrant {

  /** The name in tables. */
  String name();

  /** Its part in the race. */
  Kind kind();

  /** Why it cannot take part in a race of this workload, in one sentence; empty if it can. */
  default Optional<String> unavailable(Workload workload) {
    return Optional.empty();
  }

  /** Bytes that one run reads and writes for each parameter: what a GB/s in the tables means. */
  double trafficBytes(Workload workload);

  /** Bytes that it allocates, beside the values and gradients that all entrants share. */
  long memoryBytes(Workload workload);

  /**
   * Allocates and compiles.
   *
   * @param tensors the values and gradients of the race
   */
  Contestant open(Tensors tensors);
}
