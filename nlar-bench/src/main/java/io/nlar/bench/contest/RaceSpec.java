package io.nlar.bench.contest;

import java.util.List;

/**
 * A race to be run.
 *
 * @param title what it compares
 * @param subject what its results are about
 * @param workload what entrants work on; in a race of devices each entrant on its own
 * @param entrants who may take part, the most important first
 * @param essential how many of them the race is about; the others are left out where memory does not suffice
 * @param pairs who is compared with whom beside the table
 */
public record RaceSpec(
    String title, Subject subject, Workload workload, List<Entrant> entrants, int essential, List<Pair> pairs) {
  /** Opening one costs a peer about as much time as so many others. */
  private static final double OPTIONAL_WEIGHT = 5;
  /** From about this size on an entrant's time grows with the size. */
  private static final double HEAVY = 8 << 20;

  /** What differs between the entrants of a race. */
  public enum Subject {
    /** Programs, on one tensor. */
    STEPS,
    /** Devices. */
    DEVICES,
    /** Settings of Nlar's step. */
    SETTINGS,
    /** In how many bits values, gradients and state are kept. */
    STORAGE,
    /** What the kernels take where memory is no limit. */
    CACHE,
    /** The number of tensors. */
    TENSORS,
    /** When sums of squares are taken. */
    SUMS,
    /** Saving and restoring. */
    STATE_FILES
  }

  /**
   * Two entrants whose ratio is told beside the table.
   *
   * @param of the name of the one
   * @param to the name of the one that it is compared with
   */
  public record Pair(String of, String to) {}

  public RaceSpec {
    entrants = List.copyOf(entrants);
    pairs = List.copyOf(pairs);
  }

  /** A race that is about all of its entrants. */
  public RaceSpec(String title, Subject subject, Workload workload, List<Entrant> entrants) {
    this(title, subject, workload, entrants, entrants.size(), List.of());
  }

  /** The same with the first {@code count} entrants only. */
  RaceSpec first(int count) {
    return new RaceSpec(title, subject, workload, entrants.subList(0, count), Math.min(essential, count), pairs);
  }

  /** About how much time it takes, compared with others. */
  public double weight() {
    return (1 + workload.size() / HEAVY) * entrants.stream()
        .filter(entrant -> entrant.unavailable(entrant.workload(workload)).isEmpty())
        .mapToDouble(entrant -> entrant.optional() ? OPTIONAL_WEIGHT : 1)
        .sum();
  }
}
