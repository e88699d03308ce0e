package io.nlar.bench.report;

import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;

/**
 * An entrant for tests, which does nothing unless a test says so.
 *
 * @param traffic bytes a parameter
 * @param optional whether the race goes on without it
 */
record Entry(String name, Kind kind, double traffic, boolean stateful, boolean optional, Contestant contestant)
    implements Entrant {

  Entry(String name, Kind kind, double traffic) {
    this(name, kind, traffic, true, false, null);
  }

  @Override
  public double trafficBytes(Workload workload) {
    return traffic;
  }

  @Override
  public long memoryBytes(Workload workload) {
    return 0;
  }

  @Override
  public Contestant open(Tensors tensors) {
    if (contestant == null) {
      throw new IllegalStateException(name + " has no memory left");
    }
    return contestant;
  }
}
