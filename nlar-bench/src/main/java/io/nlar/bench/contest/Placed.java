package io.nlar.bench.contest;

import io.nlar.DeviceInfo;
import io.nlar.bench.harness.Contestant;
import java.time.Duration;
import java.util.Optional;

/**
 * An entrant on a device of its own, in a race of several devices.
 *
 * @param entrant who
 * @param device where
 */
public record Placed(Entrant entrant, DeviceInfo device) implements Entrant {

  /** The name that {@code entrant} has on {@code device}. */
  public static String name(String entrant, DeviceInfo device) {
    return entrant + " on " + device.selector();
  }

  @Override
  public String name() {
    return name(entrant.name(), device);
  }

  @Override
  public Kind kind() {
    return entrant.kind();
  }

  @Override
  public Workload workload(Workload race) {
    return new Workload(device, race.type(), race.size(), race.threads());
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
