package io.nlar.bench.contest;

import io.nlar.DType;
import io.nlar.bench.harness.Contestant;
import java.time.Duration;
import java.util.Optional;

/**
 * An entrant on values and gradients of a type of its own, in a race of several.
 *
 * @param name the name in tables
 * @param entrant who
 * @param type of its values and gradients
 */
public record Stored(String name, Entrant entrant, DType type) implements Entrant {

  @Override
  public Kind kind() {
    return entrant.kind();
  }

  @Override
  public Workload workload(Workload race) {
    return new Workload(race.device(), type, race.size(), race.threads());
  }

  @Override
  public Optional<String> unavailable(Workload workload) {
    return entrant.unavailable(workload);
  }

  @Override
  public boolean optional() {
    return entrant.optional();
  }

  @Override
  public Duration rest() {
    return entrant.rest();
  }

  @Override
  public boolean stateful() {
    return entrant.stateful();
  }

  @Override
  public double trafficBytes(Workload workload) {
    return entrant.trafficBytes(workload);
  }

  @Override
  public long memoryBytes(Workload workload) {
    return entrant.memoryBytes(workload);
  }

  @Override
  public boolean sharesStep() {
    return entrant.sharesStep();
  }

  @Override
  public Contestant open(Tensors tensors) {
    return entrant.open(tensors);
  }
}
