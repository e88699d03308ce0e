package io.nlar.bench.harness;

import java.time.Duration;

/**
 * Who takes part in a {@link Race}, and how the race treats it.
 *
 * @param name the name in tables, unique within a race
 * @param contestant who
 * @param optional whether the race goes on without it when it fails
 * @param rest least rest after its turn: as long as its threads stay busy when its work is done
 */
public record Starter(String name, Contestant contestant, boolean optional, Duration rest) {

  /** One that the race cannot do without, and that leaves nothing behind. */
  public Starter(String name, Contestant contestant) {
    this(name, contestant, false, Duration.ZERO);
  }
}
