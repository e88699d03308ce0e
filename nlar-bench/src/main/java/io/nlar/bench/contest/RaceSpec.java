package io.nlar.bench.contest;

import java.util.List;

/**
 * A race to be run.
 *
 * @param title what it compares
 * @param subject what its results are about
 * @param workload what all entrants work on
 * @param entrants who may take part
 */
public record RaceSpec(String title, Subject subject, Workload workload, List<Entrant> entrants) {
  /** What differs between the entrants of a race. */
  public enum Subject {
    /** Programs, on one tensor. */
    STEPS,
    /** Settings of Nlar's step. */
    SETTINGS,
    /** The number of tensors. */
    TENSORS,
    /** Saving and restoring. */
    STATE_FILES
  }

  public RaceSpec {
    entrants = List.copyOf(entrants);
  }
}
