package io.nlar.bench.contest;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.bench.harness.Contestant;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * An entrant on a workload of its own, in a race over several devices or element types.
 *
 * @param name the name in tables
 * @param entrant who
 * @param place the race's workload as this entrant has it
 */
public record Placed(String name, Entrant entrant, UnaryOperator<Workload> place) implements Entrant {

  /** An entrant on a device. */
  public static Placed on(DeviceInfo device, Entrant entrant) {
    return new Placed(name(entrant.name(), device), entrant,
        race -> new Workload(device, race.type(), race.size(), race.threads()));
  }

  /** An entrant on values and gradients of a type. */
  public static Placed in(DType type, String name, Entrant entrant) {
    return new Placed(name, entrant, race -> new Workload(race.device(), type, race.size(), race.threads()));
  }

  /** The name that {@code entrant} has on {@code device}. */
  public static String name(String entrant, DeviceInfo device) {
    return entrant + " on " + device.selector();
  }

  @Override
  public Kind kind() {
    return entrant.kind();
  }

  @Override
  public Workload workload(Workload race) {
    return place.apply(race);
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
