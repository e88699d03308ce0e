package io.nlar.bench.harness;

import java.time.Duration;

/**
 * Who takes part in a {@link Race}, and how the race treats it.
 *
 * @param contestant who
 * @param optional whether the race goes on without it when it fails
 * @param rest least rest after its turn: as long as its threads stay busy when its work is done
 */
public record Starter(Contestant contestant, boolean optional, Duration rest) {

  /** One that the race cannot do without, and that leaves nothing behind. */
  public Starter(Contestant contestant) {
    this(contestant, false, Duration.ZERO);
  }

  String name() {
    return contestant.name();
  }
}
